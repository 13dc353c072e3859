using System.CommandLine;
using Muster.Stores;
using Muster.Stores.Sqlite;
using Spectre.Console;

namespace Muster.Cli.Commands;

/// <summary>Where a job's run stands, from the store alone: no network, no lock.</summary>
internal static class StatusCommand
{
    public static Command Create(Terminal terminal)
    {
        var job = Shared.JobFile();
        var json = Shared.Json();
        var command = new Command("status", "Show where a run stands: ledger, batches, money.") { job, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var definition = Shared.Load(parsed.GetValue(job));
            await using var store = SqliteStore.OpenForReading(StoreFolder.Of(definition));
            if (store is null)
                throw new UsageException($"{definition.Name} has not been run yet.", "muster run");
            var run = (await store.RunsAsync(cancellationToken)).Last(r => r.Job == definition.Name);
            var ledger = await store.LedgerAsync(run.Id, cancellationToken);
            if (parsed.GetValue(json))
                terminal.Json("muster.status/1", new { run = run.Name, state = run.State, ledger });
            else
                terminal.Out.WriteLine($"{run.Name} {run.State}: {ledger}");
            return ExitCodes.Ok;
        });
        return command;
    }
}
