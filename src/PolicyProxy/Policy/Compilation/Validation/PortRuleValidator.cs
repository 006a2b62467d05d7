using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>Validates one element of <c>toPorts</c> (semantics 1.5, 1.6).</summary>
internal static class PortRuleValidator
{
    private const int MaxPorts = 40;

    public static void Validate(PortRule rule, DirectionRuleContext context, ValidationScope scope)
    {
        if (rule.Ports.Count > MaxPorts)
        {
            scope.Error(PolicyDiagnosticIds.TooManyPorts, rule.Span, $"{rule.Path} has {rule.Ports.Count} ports, at most {MaxPorts} are allowed", "split the element, or use endPort");
        }

        foreach (var port in rule.Ports)
        {
            ValidatePort(port, rule.Path, context, scope);
        }

        ValidateServerNames(rule, scope);
        ValidateListener(rule, context, scope);
        L7RulesValidator.Validate(rule, context, scope);
        if (rule.Ports.Count == 0)
        {
            scope.Warning(
                PolicyDiagnosticIds.EmptyPorts,
                rule.Span,
                $"{rule.Path} has no ports: it {(context.IsDeny ? "denies" : "admits")} nothing",
                "list ports; port \"0\" means every port of its protocol");
        }
    }

    private static void ValidatePort(PortProtocol port, string path, DirectionRuleContext context, ValidationScope scope)
    {
        var protocolKnown = TransportSyntax.TryParse(port.Protocol.Value, out _);
        var extended = !protocolKnown && scope.Options.ExtendedProtocols && TransportSyntax.IsExtended(port.Protocol.Value);
        if (!protocolKnown && !extended)
        {
            scope.Error(
                PolicyDiagnosticIds.UnknownProtocol,
                port.Protocol.Span,
                $"protocol \"{port.Protocol.Value}\" of {path} is {(TransportSyntax.IsExtended(port.Protocol.Value) ? "switched off" : "unknown")}",
                "use TCP, UDP, SCTP or ANY; ICMP has its own field icmps");
        }
        else if (port.Protocol.Value.Any(char.IsAsciiLetterLower) && !context.IsTranslated)
        {
            scope.SchemaNarrower(port.Protocol.Span, $"protocol \"{port.Protocol.Value}\" in lower case", $"write {port.Protocol.Value.ToUpperInvariant()}");
        }

        if (port.Port.Value.Length == 0)
        {
            if (!extended)
            {
                scope.Error(PolicyDiagnosticIds.PortMissing, port.Port.Span, $"{path} has an entry without port", "give a port; \"0\" means every port of the protocol");
            }
        }
        else if (!PortSyntax.TryParse(port.Port.Value, out var name))
        {
            scope.Error(
                PolicyDiagnosticIds.PortSyntax,
                port.Port.Span,
                $"\"{port.Port.Value}\" is neither a port number nor a service name",
                "use 0 to 65535, or a name of at most 15 letters, digits and single hyphens with a letter in it");
        }
        else if (extended && (name.IsNamed || name.Number != 0))
        {
            scope.Error(PolicyDiagnosticIds.PortSyntax, port.Port.Span, $"protocol {port.Protocol.Value} has no ports, found \"{port.Port.Value}\"", "write port \"0\"");
        }
        else
        {
            ValidateRange(port, name, scope);
        }
    }

    private static void ValidateRange(PortProtocol port, PortName name, ValidationScope scope)
    {
        if (port.EndPort is < 0 or > ushort.MaxValue)
        {
            scope.Error(PolicyDiagnosticIds.EndPort, port.Span, $"endPort must be 0 to 65535, found {port.EndPort}");
        }
        else if (port.EndPort > 0 && name.IsNamed)
        {
            // Cilium accepts this and widens it differently in different places (semantics 4.1).
            scope.Error(PolicyDiagnosticIds.EndPort, port.Span, $"endPort cannot follow the port name \"{name.Name}\"", "use numbers for a range");
        }
        else if (port.EndPort > 0 && port.EndPort < name.Number)
        {
            scope.Warning(
                PolicyDiagnosticIds.EndPortIgnored, port.Span, $"endPort {port.EndPort} is lower than port {name.Number}: only port {name.Number} is meant", "swap the two, or remove endPort");
        }

        if (PortSyntax.IsOctal(port.Port.Value))
        {
            scope.Warning(PolicyDiagnosticIds.OctalPort, port.Port.Span, $"port \"{port.Port.Value}\" has a leading zero and is read as {name.Number}", "write the number in decimal");
        }
    }

    private static void ValidateServerNames(PortRule rule, ValidationScope scope)
    {
        foreach (var name in rule.ServerNames ?? [])
        {
            if (!ServerNameSyntax.TryNormalise(name.Value, out _))
            {
                scope.Error(
                    PolicyDiagnosticIds.ServerNameSyntax,
                    name.Span,
                    name.Value.Length == 0 ? "a server name is empty" : $"server name \"{name.Value}\" is not valid",
                    "use labels of letters, digits, '-' and '_' separated by dots; * stands for part of a label, a leading **. for several labels");
            }
            else if (name.Value.Length > 255)
            {
                scope.SchemaNarrower(name.Span, "a server name longer than 255 characters");
            }
        }

        if (rule.ServerNames is { Count: > 0 } names && rule.Rules is { Count: > 0 } && rule.TerminatingTls is null)
        {
            scope.Error(
                PolicyDiagnosticIds.ServerNamesWithL7,
                names[0].Span,
                $"{rule.Path} has serverNames and layer 7 rules without terminatingTLS: the requests are encrypted",
                "add terminatingTLS, or give serverNames its own element");
        }
    }

    private static void ValidateListener(PortRule rule, DirectionRuleContext context, ValidationScope scope)
    {
        if (rule.Listener is not { } listener)
        {
            return;
        }

        if (!context.IsEgress)
        {
            scope.Error(PolicyDiagnosticIds.ListenerNotAllowed, listener.Span, $"{rule.Path}.listener \"{listener.Name}\" is not allowed on ingress", "remove it");
        }

        if (rule.Rules is { Count: > 0 })
        {
            scope.Error(PolicyDiagnosticIds.ListenerNotAllowed, listener.Span, $"{rule.Path}.listener \"{listener.Name}\" is not allowed with layer 7 rules", "keep one of the two");
        }
    }
}
