using Microsoft.Extensions.Options;

namespace PolicyProxy.DependencyInjection;

/// <summary>Checks the attributes of <see cref="PolicyProxyOptions"/> with generated code, so that it survives trimming.</summary>
[OptionsValidator]
internal sealed partial class PolicyProxyOptionsValidator : IValidateOptions<PolicyProxyOptions>;
