using System.CommandLine;
using Muster.Checks;
using Muster.Claude;
using Muster.Cli.Output;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Cli.Commands;

/// <summary>Reads every archive again; exit code 3 when one is not what the books say.</summary>
internal static class VerifyCommand
{
    public static Command Create(Terminal terminal)
    {
        var run = new Argument<string?>("run") { Description = "A run, as `muster status` names it. Default: all of them.", Arity = ArgumentArity.ZeroOrOne };
        var job = Shared.JobOption();
        var repair = new Option<bool>("--repair") { Description = "Fetch damaged archives again, where the remote still has the results." };
        var json = Shared.Json();
        var command = new ExampledCommand("verify", "Read every result archive again: length, checksum, lines. Exit code 3 when one is not what the books say.",
            "muster verify", "muster verify r-1 --json", "muster verify --repair")
        {
            run, job, repair, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var definition = Shared.Load(parsed.GetValue(job));
            using var remote = parsed.GetValue(repair) ? new BatchesClient(ClaudeOptions.FromEnvironment()) : null;
            await using var store = remote is null
                ? StatusCommand.OpenRun(definition, new NextStep(parsed.GetValue(job), definition.Target is not null))
                : SqliteStore.Open(StoreFolder.Of(definition), "verify", terminal.Time);
            var result = await new ArchiveVerifier(store, terminal.Time, remote).VerifyAsync(parsed.GetValue(run), cancellationToken);
            if (parsed.GetValue(json))
                terminal.Json("muster.verify/1", new { whole = result.IsWhole, result.Runs });
            else
                terminal.Lines(result.Runs.Select(Line));
            Invocation.Errors(terminal, [.. result.Runs.SelectMany(verified => verified.Bad)
                .Select(bad => new Refusal($"{bad.Batch}: {bad.What}", bad.Hint))]);
            return result.IsWhole ? ExitCodes.Ok : ExitCodes.Unbalanced;
        });
        return command;
    }

    private static string Line(VerifiedRun run)
    {
        var purged = run.PurgedLines > 0 ? $", {Figures.Count(run.PurgedLines, "line")} purged" : "";
        var repaired = run.Repaired > 0 ? $", {run.Repaired} fetched again" : "";
        return $"{(run.Bad.Count == 0 ? "ok  " : "DIFF")} {run.Run}: {Figures.Count(run.Archives, "archive")}, {Figures.Count(run.Lines, "line")}, "
            + $"{Figures.Count(run.Bytes, "byte")} ({Figures.Count(run.RawBytes)} unpacked), {run.Bad.Count} bad{purged}{repaired}";
    }
}
