using System.Globalization;
using System.Text;
using System.Text.Json;
using Muster.Claude;

namespace Muster.Pilots;

/// <summary>
/// The picked rows as one HTML page to read: source beside output, with the checks, the reason and the tokens of each. It loads nothing
/// and runs nothing; a stratum is chosen with radio buttons and CSS.
/// </summary>
internal static class PilotPage
{
    private const string Style =
        """
        :root{color-scheme:light dark;--paper:#fdfcf9;--ink:#1f1d1a;--soft:#5a564e;--rule:#d5d0c4;--bad:#a3300d}
        @media screen and (prefers-color-scheme:dark){:root{--paper:#17191c;--ink:#e9e6df;--soft:#b2ada2;--rule:#3d4046;--bad:#ff9d7a}}
        body{font:14px/1.45 system-ui,sans-serif;margin:1.5rem auto;padding:0 1rem;max-width:70rem;color:var(--ink);background:var(--paper)}
        h1{font-size:1.3rem;overflow-wrap:anywhere}
        h2,p{overflow-wrap:anywhere}
        label{display:inline-block;margin:0 .9rem .3rem 0}
        article{border-top:1px solid var(--rule);padding:.6rem 0}
        h2{font-size:1rem;margin:0 0 .3rem}
        .sides{display:grid;grid-template-columns:1fr 1fr;gap:1.2rem}
        @media (max-width:40rem){.sides{grid-template-columns:1fr}}
        dt{color:var(--soft);font-size:12px}
        dd{margin:0 0 .35rem;white-space:pre-wrap;overflow-wrap:anywhere}
        table{border-collapse:collapse;margin:.6rem 0;font-size:12px;display:block;overflow-x:auto}
        th,td{text-align:left;padding:.1rem .8rem .1rem 0;border-bottom:1px solid var(--rule)}
        .bad{color:var(--bad)}
        .odd{color:var(--bad);font-size:11px;border:1px solid currentColor;padding:0 2px}
        """;

    public static void Write(PilotAccount pilot, TextWriter to)
    {
        var strata = Strata.All.Where(rule => pilot.Rows.Any(row => row.Stratum == rule.Stratum)).ToList();
        to.Write("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            + "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
            + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            + $"<title>{HtmlText.Plain($"{pilot.Run.Job} {pilot.Run.Name}")}</title>\n<style>\n{Style}\n");
        foreach (var rule in strata)
            to.Write($"#s-{rule.Word}:checked~main article:not(.s-{rule.Word}){{display:none}}\n");
        to.Write($"</style>\n</head>\n<body>\n<h1>{HtmlText.Of($"{pilot.Run.Job}@{pilot.Run.JobVersion}, {pilot.Run.Kind} run {pilot.Run.Name}")}</h1>\n");
        foreach (var line in Summary(pilot))
            to.Write($"<p>{HtmlText.Of(line)}</p>\n");
        Mix(to, pilot.Pick);
        Tokens(to, pilot.Report.Tokens);
        Choice(to, "all", $"all ({pilot.Rows.Count})", isChosen: true);
        foreach (var rule in strata)
            Choice(to, rule.Word, $"{rule.Word} ({pilot.Rows.Count(row => row.Stratum == rule.Stratum)})", isChosen: false);
        to.Write("<main>\n");
        var why = pilot.Pick.Mix.ToDictionary(share => share.Stratum, share => share.Why);
        foreach (var row in pilot.Rows)
            Row(to, row, pilot.Run.Columns, why.GetValueOrDefault(row.Stratum));
        to.Write("</main>\n</body>\n</html>\n");
    }

    private static IEnumerable<string> Summary(PilotAccount pilot)
    {
        yield return $"All picked rows: {Rate(pilot.Report.All)} Random rows: {Rate(pilot.Report.Random)} Seed {pilot.Pick.Seed};"
            + $" {pilot.Rows.Count} of {pilot.Pick.Askable} rows that can be asked.";
        if (pilot.Report.Reasons.Count > 0)
            yield return $"Reasons: {string.Join(", ", pilot.Report.Reasons.Select(reason => $"{reason.Rows} {reason.Reason}"))}.";
    }

    private static string Rate(PassRate rate) => rate is { Rate: { } share, Interval: { } interval }
        ? $"{rate.Passed} of {rate.Of} passed, {Percent(share)} (95 %: {Percent(interval.Low)} to {Percent(interval.High)})."
        : "none counts.";

    private static string Percent(double share) => $"{(100 * share).ToString("0.0", CultureInfo.InvariantCulture)} %";

    private static void Mix(TextWriter to, RunPick pick) => Table(to, ["stratum", "wanted", "found", "in source", "a row of it"],
        pick.Mix.Select(share => new[] { WordOf(share.Stratum), $"{share.Wanted}", $"{share.Found}", $"{share.Seen}", share.Why }));

    private static void Tokens(TextWriter to, IReadOnlyList<OutputTokens> tiers) =>
        Table(to, ["tier", "model", "answers", "cut", "p50", "p95", "p99", "longest", "max_tokens", "proposed", "why"], tiers.Select(tokens => new[]
        {
            $"{tokens.Tier.Tier}", tokens.Tier.Model, $"{tokens.Answers}", $"{tokens.Cut}", $"{tokens.P50}", $"{tokens.P95}", $"{tokens.P99}", $"{tokens.Max}",
            $"{tokens.Tier.MaxTokens}", $"{tokens.Proposed}", tokens.Why,
        }));

    private static void Table(TextWriter to, IReadOnlyList<string> head, IEnumerable<string[]> rows)
    {
        to.Write($"<table>\n<tr>{string.Concat(head.Select(cell => $"<th>{HtmlText.Of(cell)}</th>"))}</tr>\n");
        foreach (var row in rows)
            to.Write($"<tr>{string.Concat(row.Select(cell => $"<td>{HtmlText.Of(cell)}</td>"))}</tr>\n");
        to.Write("</table>\n");
    }

    private static string WordOf(Stratum stratum) => Strata.All[(int)stratum].Word;

    private static void Choice(TextWriter to, string word, string text, bool isChosen) => to.Write(
        $"<input type=\"radio\" name=\"stratum\" id=\"s-{word}\"{(isChosen ? " checked" : "")}><label for=\"s-{word}\">{HtmlText.Of(text)}</label>\n");

    /// <param name="why">What makes a row one of its stratum, in the words of the pick; null when the pick has none.</param>
    private static void Row(TextWriter to, PickedResult row, IReadOnlyList<string> columns, string? why)
    {
        var passed = row.State == Runs.RowState.Succeeded;
        var word = WordOf(row.Stratum);
        to.Write($"<article class=\"s-{word}\">\n<h2>{HtmlText.Of(row.Key ?? row.Line)} · {word} · "
            + $"<span{(passed ? "" : " class=\"bad\"")}>{HtmlText.Of(row.State.ToString())}{(row.Reason is { } reason ? $" {HtmlText.Of(reason)}" : "")}</span></h2>\n");
        if (why is not null)
            to.Write($"<p>{HtmlText.Of($"picked as {word}: {why}")}</p>\n");
        if (row.Message is { } message)
            to.Write($"<p class=\"bad\">{HtmlText.Of(message)}</p>\n");
        to.Write("<div class=\"sides\">\n<dl>\n");
        foreach (var (name, value) in Source(row.Input, columns))
            Pair(to, name, value);
        to.Write("</dl>\n<dl>\n");
        foreach (var (name, value) in Output(row.Output))
            Pair(to, name, value);
        to.Write("</dl>\n</div>\n");
        to.Write($"<p>{HtmlText.Of($"{row.Line} · tier {row.Tier + 1} · {Amount.Of(row.Use.Requests, "request")} · {row.Use.InputTokens} tokens in, {row.Use.OutputTokens} out · "
            + $"{Usd.Of(row.Use.CostPicoUsd).ToString("0.000000", CultureInfo.InvariantCulture)} USD")}</p>\n</article>\n");
    }

    private static void Pair(TextWriter to, string name, string value) => to.Write($"<dt>{HtmlText.Of(name)}</dt><dd>{HtmlText.Of(value)}</dd>\n");

    private static IEnumerable<(string Name, string Value)> Source(ReadOnlyMemory<byte> input, IReadOnlyList<string> columns)
    {
        if (input.IsEmpty)
            return [];
        using var values = JsonDocument.Parse(input);
        return [.. values.RootElement.EnumerateArray().Select((value, i) => (i < columns.Count ? columns[i] : $"column {i + 1}", Text(value)))];
    }

    private static IEnumerable<(string Name, string Value)> Output(ReadOnlyMemory<byte> output)
    {
        if (output.IsEmpty)
            return [("output", "none")];
        try
        {
            using var document = JsonDocument.Parse(output);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? [.. document.RootElement.EnumerateObject().Select(property => (property.Name, Text(property.Value)))]
                : [("output", Text(document.RootElement))];
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // What the model gave is shown as it stands, whatever it is.
            return [("output", Encoding.UTF8.GetString(output.Span))];
        }
    }

    private static string Text(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: the escape itself is what can be shown.
            return value.GetRawText();
        }
    }
}
