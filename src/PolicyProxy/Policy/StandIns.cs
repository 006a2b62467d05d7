#pragma warning disable
using System.Diagnostics.CodeAnalysis; using System.Text.RegularExpressions;
namespace PolicyProxy.Policy.Re2 {
internal sealed class Re2Set { Regex[] _r; public static Re2Set Compile(IReadOnlyList<Re2Pattern> p) => new() { _r=[..p.Select(x=>new Regex("\\A(?:"+x.Text.Replace("[[:alpha:]]","[a-zA-Z]").Replace("(?P<","(?<")+")\\z",RegexOptions.CultureInvariant))] };
 public ReadOnlySpan<int> Match(ReadOnlySpan<char> t){ var l=new List<int>(); for(int i=0;i<_r.Length;i++) if(_r[i].IsMatch(t)) l.Add(i); return l.ToArray(); } }
}
