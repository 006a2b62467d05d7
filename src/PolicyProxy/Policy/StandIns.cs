#pragma warning disable
using System.Diagnostics.CodeAnalysis; using System.Text.RegularExpressions;
namespace PolicyProxy.Policy.Re2 {
internal sealed class Re2Set { Regex[] _r; public static Re2Set Compile(IReadOnlyList<Re2Pattern> p) => new() { _r=[..p.Select(x=>new Regex("\\A(?:"+x.Text.Replace("[[:alpha:]]","[a-zA-Z]").Replace("(?P<","(?<")+")\\z",RegexOptions.CultureInvariant))] };
 public ReadOnlySpan<int> Match(ReadOnlySpan<char> t){ var l=new List<int>(); for(int i=0;i<_r.Length;i++) if(_r[i].IsMatch(t)) l.Add(i); return l.ToArray(); } }
}
namespace PolicyProxy.Policy.Identities {
internal sealed class FqdnPattern { public string Text; Regex _r; public bool IsMatchAll;
 public static bool TryParseName(string s,[NotNullWhen(true)] out FqdnPattern p){ p=new(){Text=s,_r=new("^"+Regex.Escape(s.Trim().ToLowerInvariant().TrimEnd('.')+".")+"$")}; return true; }
 public static bool TryParsePattern(string s,[NotNullWhen(true)] out FqdnPattern p){ var t=s.Trim().ToLowerInvariant(); var all=Regex.IsMatch(t,"^\\*+\\.?$"); if(!t.EndsWith('.'))t+="."; string r=""; if(all) r="([-a-z0-9_]+\\.)+|\\."; else { var m=Regex.Match(t,"^\\*{2,}\\."); if(m.Success){ r="([-a-z0-9_]+(\\.[-a-z0-9_]+)*)\\."; t=t[m.Length..]; } foreach(Match k in Regex.Matches(t,"\\*+|[^*]+")) r+=k.Value[0]=='*'?"[-a-z0-9_]*":Regex.Escape(k.Value);} p=new(){Text=s,IsMatchAll=all,_r=new("^(?:"+r+")$")}; return true; }
 public bool Matches(ReadOnlySpan<char> n){ var s=n.ToString().ToLowerInvariant(); if(!s.EndsWith('.')) s+="."; return _r.IsMatch(s);} }
}
namespace PolicyProxy.Policy.Snapshot {
internal sealed class ServerNamePattern { public string Text; Regex _r;
 public static bool TryParse(string s,[NotNullWhen(true)] out ServerNamePattern p, out string reason){ reason=""; var t=s.ToLowerInvariant(); if(t.EndsWith('.'))t=t[..^1]; var m=Regex.Match(t,"^\\*{2,}\\."); string r; if(t=="*") r="[-a-z0-9_]+(\\.[-a-z0-9_]+)*"; else { r=""; if(m.Success){ r="[-a-z0-9_]+(\\.[-a-z0-9_]+)*\\."; t=t[m.Length..]; } foreach(Match k in Regex.Matches(t,"\\*+|[^*]+")) r+=k.Value[0]=='*'?"[-a-z0-9_]*":Regex.Escape(k.Value);} p=new(){Text=s,_r=new("^(?:"+r+")$")}; return true; }
 public bool Matches(ReadOnlySpan<char> n)=>_r.IsMatch(n.ToString().ToLowerInvariant()); }
}
