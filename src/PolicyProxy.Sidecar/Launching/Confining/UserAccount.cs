using System.Globalization;
using System.Runtime.InteropServices;

namespace PolicyProxy.Sidecar.Launching.Confining;

/// <summary>The user a command runs as, from <c>--user</c>. Immutable.</summary>
/// <param name="User">User id.</param>
/// <param name="Group">Primary group id.</param>
internal sealed unsafe record UserAccount(uint User, uint Group)
{
    private const int TextBytes = 16 * 1024;
    private const int MaxGroups = 65_536; // NGROUPS_MAX

    /// <summary>Supplementary groups, with the primary one.</summary>
    public IReadOnlyList<uint> Groups { get; private init; } = [];

    /// <summary>Login name; null for a number that no account has.</summary>
    public string? Name { get; private init; }

    /// <summary>Home directory; null as <see cref="Name"/>.</summary>
    public string? Home { get; private init; }

    /// <summary>Finds the account.</summary>
    /// <param name="text"><c>NAME</c>, <c>UID</c>, <c>NAME:GID</c> or <c>UID:GID</c>. With a group, supplementary groups are left out.</param>
    /// <exception cref="EnforcementException">There is no such account.</exception>
    public static UserAccount Find(string text)
    {
        var parts = text.Split(':', 2);
        var isNumber = uint.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var user);
        var account = isNumber ? Look(user) : Look(parts[0]);
        if (parts.Length == 2)
        {
            return uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var group) && (isNumber || account is not null)
                ? (account ?? new UserAccount(user, group)) with { Group = group, Groups = [group] }
                : throw new EnforcementException($"--user {text}: write NAME, UID or UID:GID, with a number for the group");
        }

        return account
            ?? throw new EnforcementException(isNumber ? $"--user {text}: no account has this number, so name its group too: UID:GID" : $"--user {text}: there is no such user");
    }

    /// <summary>Becomes this user for good, with this thread and all others.</summary>
    /// <exception cref="EnforcementException">The kernel refuses.</exception>
    public void Become()
    {
        var groups = Groups.ToArray();
        fixed (uint* list = groups)
        {
            if (ProcessCalls.setgroups(groups.Length, list) != 0
                || ProcessCalls.setresgid(Group, Group, Group) != 0
                || ProcessCalls.setresuid(User, User, User) != 0)
            {
                throw new EnforcementException($"cannot become user {User}: {ErrorText.Last}; --user needs CAP_SETUID and CAP_SETGID");
            }
        }

        if (Name is not null && Home is not null)
        {
            _ = ProcessCalls.setenv("HOME", Home, 1);
            _ = ProcessCalls.setenv("USER", Name, 1);
            _ = ProcessCalls.setenv("LOGNAME", Name, 1);
        }
    }

    private static UserAccount? Look(string name)
    {
        PasswordEntry entry;
        PasswordEntry* found;
        var text = stackalloc byte[TextBytes];
        _ = ProcessCalls.getpwnam_r(name, &entry, text, TextBytes, &found);
        return found is null ? null : From(entry);
    }

    private static UserAccount? Look(uint user)
    {
        PasswordEntry entry;
        PasswordEntry* found;
        var text = stackalloc byte[TextBytes];
        _ = ProcessCalls.getpwuid_r(user, &entry, text, TextBytes, &found);
        return found is null ? null : From(entry);
    }

    private static UserAccount From(in PasswordEntry entry)
    {
        var count = 64;
        var groups = new uint[count];
        while (!TryList(entry, groups, ref count))
        {
            groups = new uint[Math.Clamp(count, groups.Length * 2, MaxGroups)];
            count = groups.Length;
        }

        return new UserAccount(entry.User, entry.Group)
        {
            Groups = groups[..count],
            Name = Marshal.PtrToStringUTF8((nint)entry.Name),
            Home = Marshal.PtrToStringUTF8((nint)entry.Home),
        };
    }

    private static bool TryList(in PasswordEntry entry, uint[] groups, ref int count)
    {
        fixed (uint* list = groups)
        fixed (int* number = &count)
        {
            return ProcessCalls.getgrouplist(entry.Name, entry.Group, list, number) >= 0 || groups.Length >= MaxGroups;
        }
    }
}
