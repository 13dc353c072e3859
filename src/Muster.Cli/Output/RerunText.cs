using Muster.Cli.Commands;
using Muster.Selections;

namespace Muster.Cli.Output;

/// <summary>A planned rerun as lines and as JSON.</summary>
internal static class RerunText
{
    public static IEnumerable<string> Lines(RerunPlan plan, bool hidesKeys, int width)
    {
        var frozen = plan.Frozen;
        yield return $"`{Figures.Clean(plan.Selector.ToString())}` means {Figures.Count(frozen.Meant)} of {Figures.Count(plan.Total, "row")} of {plan.Full.Name}";
        yield return $"  selection {frozen.Hash}: {Figures.Count(frozen.Rows, "row")} to ask with {plan.Full.Job}@{plan.Version}"
            + (plan.IsOtherVersion ? $"; {plan.Full.Name} was asked with {plan.Full.JobVersion}" : "");
        if (plan.NeedsPilot)
            yield return $"  {plan.Full.Job}@{plan.Version} is not piloted: run `muster pilot`, read it, then `muster pilot --lock`; or `muster rerun --unpiloted`, which is recorded";
        if (frozen.Keyless > 0)
            yield return $"  left out: {Figures.Count(frozen.Keyless, "row")} without a key";
        if (frozen.Purged > 0)
            yield return $"  left out: {Figures.Count(frozen.Purged, "row")} whose input was purged";
        if (plan.SourceChange is { } change)
            yield return $"  since {plan.Full.Name} {Figures.Clean(change)}";
        if (frozen.Gone.Rows > 0)
            yield return $"  left out: {Figures.Count(frozen.Gone.Rows, "row")} no longer in the source{Names(frozen.Gone, hidesKeys)}";
        if (frozen.Changed.Rows > 0)
            yield return $"  asked as they are now: {Figures.Count(frozen.Changed.Rows, "row")} whose source changed{Names(frozen.Changed, hidesKeys)}";
        if (plan.SetAside > 0)
            yield return $"  set aside at no cost: {Figures.Count(plan.SetAside, "row")} of which no request can be made";
        if (plan.Forecast is { } forecast)
        {
            foreach (var line in CheckCommand.Lines(forecast, width))
                yield return line;
        }

        foreach (var standing in plan.Superseded)
            yield return $"  takes the place of {Figures.Count(standing.Accepted, "accepted answer")} of {standing.Run}{Fate(standing)}";
    }

    public static object Json(RerunPlan plan) => new
    {
        run = plan.Full.Name, jobVersion = plan.Version, runVersion = plan.Full.JobVersion, select = plan.Selector.ToString(), selection = plan.Frozen.Hash,
        meant = plan.Frozen.Meant, total = plan.Total, rows = plan.Frozen.Rows, keyless = plan.Frozen.Keyless, purged = plan.Frozen.Purged,
        gone = plan.Frozen.Gone.Rows, changed = plan.Frozen.Changed.Rows, sourceChange = plan.SourceChange, setAside = plan.SetAside, plan.NeedsPilot, forecast = CheckCommand.Form(plan.Forecast),
        superseded = plan.Superseded,
    };

    private static string Names(KeyCount count, bool hidesKeys) => hidesKeys ? ""
        : $": {Figures.Clean(string.Join(", ", count.Keys))}{(count.Rows > count.Keys.Count ? $" and {Figures.Count(count.Rows - count.Keys.Count)} more" : "")}";

    private static string Fate(SupersededRows standing) => standing.Promotions.Count > 0 ? $", promoted as {string.Join(", ", standing.Promotions)}"
        : standing.TakenBack.Count > 0 ? $", whose promotion {string.Join(", ", standing.TakenBack)} was taken back"
        : ", not promoted";
}
