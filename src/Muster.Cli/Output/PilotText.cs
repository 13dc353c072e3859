using System.Text.Json.Nodes;
using Muster.Claude;
using Muster.Pilots;

namespace Muster.Cli.Output;

/// <summary>A pilot in words and as JSON.</summary>
internal static class PilotText
{
    private const int MaxReasons = 10;

    public static IEnumerable<string> Mix(RunPick pick, int width)
    {
        yield return $"{Figures.Count(pick.Rows.Count, "row")} picked of {Figures.Count(pick.Askable)} that can be asked, seed {pick.Seed}";
        var table = new Columns("lrrrl").Add("stratum", "wanted", "found", "in source", "a row of it");
        foreach (var share in pick.Mix)
            table.Add(WordOf(share.Stratum), Figures.Count(share.Wanted), Figures.Count(share.Found), Figures.Count(share.Seen), share.Why);
        foreach (var line in table.Lines(width))
            yield return line;
    }

    public static IEnumerable<string> Lines(PilotAccount pilot, int width)
    {
        var report = pilot.Report;
        yield return $"  picked rows: {Rate(report.All)}{Verdict(pilot)}";
        yield return $"  random rows: {Rate(report.Random)}";
        foreach (var reason in report.Reasons.Take(MaxReasons))
            yield return $"    {Figures.Count(reason.Rows)} {Figures.Clean(reason.Reason)}";
        foreach (var line in Tokens(report.Tokens, width))
            yield return line;
        if (report.Cost is { } cost)
            yield return $"  full run: {Usd.Text((long)cost.PicoUsd)}, between {Usd.Text((long)cost.Low)} and {Usd.Text((long)cost.High)} (95 %, from {Figures.Count(cost.FromRows, "random row")})";
        if (report.Time is { } time)
            yield return $"  full run: between {Figures.Span(time.Low)} and {Figures.Span(time.High)}, {Amount.Of(time.Rounds, "round")} of the pilot";
        if (pilot.Missing > 0)
            yield return $"  the answers of {Figures.Count(pilot.Missing, "batch")} are no longer kept; their tokens are not counted above";
        foreach (var note in report.Notes)
            yield return $"  {note}";
    }

    public static JsonObject Json(PilotAccount pilot, object head)
    {
        var form = Terminal.Node(head);
        var body = Terminal.Node(new
        {
            run = RunJson.Run(pilot.Run),
            pick = new
            {
                seed = pilot.Pick.Seed, records = pilot.Pick.Records, askable = pilot.Pick.Askable, rows = pilot.Pick.Rows.Count,
                mix = pilot.Pick.Mix.Select(share => new { stratum = WordOf(share.Stratum), share.Wanted, share.Found, share.Seen, meaning = share.Why }),
            },
            report = Report(pilot),
        });
        foreach (var (name, value) in body.ToList())
        {
            body.Remove(name);
            form[name] = value;
        }

        return form;
    }

    /// <summary>What a lock wrote, and what it left as people had made it.</summary>
    public static IEnumerable<string> Lines(PilotLock locked, PilotLocker locker)
    {
        yield return $"  {Figures.Count(locked.Read ?? 0)} of {Figures.Count(locked.Rows, "row")} read one by one";
        yield return $"  eval set {locker.EvalSetPath}, sha256 {locked.EvalSetSha256}";
        if (locker.KeptPath is { } kept)
            yield return $"  the set that was there is kept as {kept}";
        if (locker.Carried is { } carried && (locker.KeptPath is not null || carried.Kept.Count + carried.KeptFields.Count > 0))
        {
            yield return $"  KEPT as people made them: {Figures.Count(carried.Kept.Count, "case")}{Named(carried.Kept)} and the comparators of {Figures.Count(carried.KeptFields.Count, "field")}"
                + $"{Named(carried.KeptFields)}; new from this pilot: {Figures.Count(carried.New, "case")}";
        }

        if (locker.Carried is { Unfit.Count: > 0 } unfit)
            yield return $"  LEFT BEHIND, because the contract no longer allows what they expect: {Figures.Count(unfit.Unfit.Count, "case")}{Named(unfit.Unfit)}";
    }

    public static object Json(PilotLock locked, PilotLocker locker) => new
    {
        locked.JobVersion, locked.LockedAt, locked.Who, locked.PassRate, locked.Rows, locked.Read, evalSet = locker.EvalSetPath, locked.EvalSetSha256, keptAs = locker.KeptPath,
        keptCases = locker.Carried?.Kept.Count ?? 0, keptFields = locker.Carried?.KeptFields.Count ?? 0, leftBehind = locker.Carried?.Unfit.Count ?? 0,
    };

    private static string Named(IReadOnlyList<string> names) => names.Count == 0 ? "" : $" ({Figures.Clean(Excerpt.List(names))})";

    private static object Report(PilotAccount pilot)
    {
        var report = pilot.Report;
        return new
        {
            report.Verdict, all = Rates(report.All), random = Rates(report.Random),
            strata = report.Strata.Select(stratum => new { stratum = WordOf(stratum.Stratum), stratum.Passed, stratum.Of, stratum.ForPeople }),
            reasons = report.Reasons,
            tokens = report.Tokens.Select(tokens => new
            {
                tokens.Tier.Tier, tokens.Tier.Model, tokens.Tier.MaxTokens, tokens.Answers, tokens.Cut, tokens.P50, tokens.P95, tokens.P99, tokens.Max,
                ProposedMaxTokens = tokens.Proposed, tokens.Why,
            }),
            cost = report.Cost is { } cost ? new { usd = Dollars(cost.PicoUsd), lowUsd = Dollars(cost.Low), highUsd = Dollars(cost.High), cost.FromRows } : null,
            time = report.Time is { } time ? new { lowSeconds = time.Low.TotalSeconds, highSeconds = time.High.TotalSeconds, time.Fillings, time.Rounds } : null,
            missingBatches = pilot.Missing, report.Notes,
        };
    }

    private static decimal Dollars(decimal picoUsd) => Math.Round(picoUsd / Usd.PicoPerUsd, 6);

    private static object Rates(PassRate rate) => new { rate.Passed, rate.Of, rate.Rate, low = rate.Interval?.Low, high = rate.Interval?.High };

    private static IEnumerable<string> Tokens(IReadOnlyList<OutputTokens> tiers, int width)
    {
        var table = new Columns("rlrrrrrrrrl").Add("tier", "model", "answers", "cut", "p50", "p95", "p99", "longest", "max_tokens", "proposed", "why");
        foreach (var tokens in tiers)
        {
            table.Add($"{tokens.Tier.Tier}", tokens.Tier.Model, Figures.Count(tokens.Answers), Figures.Count(tokens.Cut), Figures.Count(tokens.P50), Figures.Count(tokens.P95),
                Figures.Count(tokens.P99), Figures.Count(tokens.Max), Figures.Count(tokens.Tier.MaxTokens), Figures.Count(tokens.Proposed), tokens.Why);
        }

        return table.Lines(width);
    }

    private static string Rate(PassRate rate) => rate is { Rate: { } share, Interval: { } interval }
        ? $"{Figures.Count(rate.Passed)} of {Figures.Count(rate.Of)} passed, {Figures.Percent(share)} (95 %: {Figures.Percent(interval.Low)} to {Figures.Percent(interval.High)})"
        : "none counts";

    private static string Verdict(PilotAccount pilot) => !pilot.IsJudged ? "" : pilot.Report.Verdict switch
    {
        PilotVerdict.Reached => ": reaches pilot.pass",
        PilotVerdict.Missed => ": MISSES pilot.pass",
        _ => "",
    };

    private static string WordOf(Stratum stratum) => Strata.All[(int)stratum].Word;
}
