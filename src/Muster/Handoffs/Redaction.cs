using System.Text.RegularExpressions;

namespace Muster.Handoffs;

/// <summary>
/// Takes secrets out of text that leaves the machine: those that this process knows, keys by their form, and a name or password in an
/// address.
/// </summary>
/// <param name="secrets">Values that must not appear anywhere; short ones would cut up other words and are left out.</param>
internal sealed partial class Redaction(IEnumerable<string> secrets)
{
    private const string Mark = "[redacted]";
    private const int LeastChars = 6;

    private readonly List<string> known = [.. secrets.Select(secret => secret.Trim()).Where(secret => secret.Length >= LeastChars).Distinct().OrderByDescending(secret => secret.Length)];

    /// <summary>How many were taken out.</summary>
    public int Count { get; private set; }

    public string Of(string text)
    {
        foreach (var secret in known)
        {
            if (!text.Contains(secret, StringComparison.Ordinal))
                continue;
            text = text.Replace(secret, Mark, StringComparison.Ordinal);
            Count++;
        }

        return Credential().Replace(text, _ =>
        {
            Count++;
            return Mark;
        });
    }

    /// <summary>A field whose name says that its text is a secret.</summary>
    public static bool IsSecretName(string name) => SecretName().IsMatch(name);

    // A key by its form; what stands between the scheme and the @ of an address.
    [GeneratedRegex("""\bsk-ant-[A-Za-z0-9_-]{6,}|(?<=://)[^/?#\s@"'<>\\]+(?=@)""", RegexOptions.CultureInvariant)]
    private static partial Regex Credential();

    [GeneratedRegex("(?:token|secret|passw(?:or)?d|authorization|credential|api_?key)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}
