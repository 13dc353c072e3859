using System.Text.RegularExpressions;

namespace Muster.Simulator.Answers;

/// <summary>The labels that a prompt lists: after "categories:", "labels:" or "one of:", or as a bulleted list.</summary>
internal static partial class PromptLabels
{
    public static IReadOnlyList<string> Find(string prompt)
    {
        var named = Named().Match(prompt);
        if (named.Success)
        {
            var listed = Split(named.Groups["list"].Value);
            if (listed.Count > 1)
            {
                return listed;
            }
        }

        return [.. Bullet().Matches(prompt).Select(m => m.Groups["label"].Value.Trim()).Distinct()];
    }

    private static List<string> Split(string list) =>
        [.. list.Trim().TrimEnd('.').Split([',', ';', '|'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.Trim('"', '\'', '`', '[', ']')).Distinct()];

    [GeneratedRegex(@"(?:categories|labels|intents|classes|one of|options)[^:\n]{0,40}:\s*(?<list>[^\n]+)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Named();

    [GeneratedRegex(@"^[ \t]*[-*•][ \t]+(?<label>[^\n:]{1,80})$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Bullet();
}
