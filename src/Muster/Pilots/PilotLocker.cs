using System.Security.Cryptography;
using Muster.Evals;
using Muster.Jobs;
using Muster.Runs;
using Muster.Stores;

namespace Muster.Pilots;

/// <summary>
/// Locks the job's version on its newest pilot, when that passed, and writes its accepted rows as an eval set beside the job. The file is
/// there before the lock; doing it again writes the same bytes.
/// </summary>
/// <param name="who">The account that locks.</param>
/// <param name="reached">Hears each step on the disk by its name; tests cut there.</param>
internal sealed class PilotLocker(IStore store, PilotReader reader, Job job, string who, TimeProvider time, Action<string>? reached = null)
{
    private readonly EvalSetFile files = new(reached);

    public string EvalSetPath { get; } = EvalSetFile.PathBeside(job);

    /// <summary>Where the eval set that was there before is kept; null when there was none, or the same.</summary>
    public string? KeptPath { get; private set; }

    /// <summary>What of the set that was there stays; null when there was none.</summary>
    public CarriedSet? Carried { get; private set; }

    /// <summary>What was locked of the job before and what changed since, as a sentence; null when no version of it ever was.</summary>
    public static async Task<string?> LockedBeforeAsync(IStore store, Job job, CancellationToken cancellationToken = default)
    {
        foreach (var pilot in (await store.RunsAsync(cancellationToken)).Where(run => run.Job == job.Name && run.Kind == RunScope.KindOf(PilotStage.Pilot)).Reverse())
        {
            if (await store.PilotLockAsync(job.Name, pilot.JobVersion, cancellationToken) is null)
                continue;
            var changed = JobDifference.Between(JobSnapshot.FromJson(pilot.Snapshot), job);
            return $"{pilot.Name} locked {job.Name}@{pilot.JobVersion}; since then {string.Join(", ", changed)} changed.";
        }

        return null;
    }

    /// <exception cref="PilotLockException">There is no pilot of this version, it is not done, or it did not pass.</exception>
    /// <exception cref="EvalSetException">The eval set that is there cannot be read; it is left as it is.</exception>
    public async Task<PilotLock> LockAsync(CancellationToken cancellationToken = default)
    {
        var version = JobVersion.Of(job);
        var run = await NewestAsync(version, cancellationToken);
        var pilot = await reader.ReadAsync(run, job.Pilot.Pass, cancellationToken);
        RefuseUnpassed(pilot);
        var sha256 = await WriteEvalSetAsync(pilot, cancellationToken);
        var locked = new PilotLock(job.Name, version, run.Id, time.GetUtcNow(), who, pilot.Report.All.Rate!.Value, pilot.Rows.Count, sha256) { Read = pilot.Read };
        await store.LockPilotAsync(locked, cancellationToken);
        return locked;
    }

    private async Task<Run> NewestAsync(string version, CancellationToken cancellationToken)
    {
        var pilots = (await store.RunsAsync(cancellationToken)).Where(run => run.Job == job.Name && run.Kind == RunScope.KindOf(PilotStage.Pilot)).ToList();
        var newest = pilots.LastOrDefault(run => run.JobVersion == version);
        if (newest is null)
        {
            throw new PilotLockException(pilots.Count == 0 ? $"{job.Name} has no pilot." : $"{pilots[^1].Name} piloted {job.Name}@{pilots[^1].JobVersion}; the job is {version} now.",
                "Run `muster pilot` and read it.");
        }

        return newest.State == RunState.Done ? newest
            : throw new PilotLockException($"{newest.Name} is {EnumName.Words(newest.State)}, not done.", "Finish it with `muster pilot`.");
    }

    private void RefuseUnpassed(PilotAccount pilot)
    {
        var rate = pilot.Report.All;
        if (job.Pilot.Pass is not { } pass)
            throw new PilotLockException($"{job.Name} does not say what a pilot must reach.", "Add `pilot: { pass: 0.97 }` to the job file.");
        if (pilot.Report.Verdict != PilotVerdict.Reached)
        {
            throw new PilotLockException(rate.Of == 0
                    ? $"{pilot.Run.Name} judged no row."
                    : $"{pilot.Run.Name} passed {rate.Passed} of {rate.Of} rows; `pilot.pass` is {pass.ToString(System.Globalization.CultureInfo.InvariantCulture)}.",
                "Read the failed rows (`muster pilot --html pilot.html`), change the job, and pilot it again.");
        }
    }

    private async Task<string> WriteEvalSetAsync(PilotAccount pilot, CancellationToken cancellationToken)
    {
        var set = PilotEvalSet.Of(pilot, job.Contract.SchemaJson, 1);
        if (set.Cases.Count == 0)
            throw new PilotLockException($"{pilot.Run.Name} has no accepted row with a key.", "Run `muster pilot` again.");
        if (!File.Exists(EvalSetPath))
            return Sha256(files.Replace(EvalSetPath, EvalSetWriter.Write(set), keepAs: null));
        var there = EvalSetReader.Read(File.ReadAllBytes(EvalSetPath), EvalSetPath, schemaJson: null);
        Carried = (await CarryAsync(cancellationToken)).Over(there, set);
        if (there.Hash == Carried.Set.Hash)
            return Sha256(File.ReadAllBytes(EvalSetPath));
        // Versions are only appended: what a person may have worked on stays under its number.
        KeptPath = Path.Combine(job.Directory, $"{job.Name}.evalset.v{there.Version}.jsonl");
        return Sha256(files.Replace(EvalSetPath, EvalSetWriter.Write(Carried.Set), KeptPath));
    }

    /// <summary>What every pilot of the job, of whatever version, answered by itself: the rest of a set is people's work.</summary>
    private async Task<EvalSetCarry> CarryAsync(CancellationToken cancellationToken)
    {
        var (own, comparators) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var run in (await store.RunsAsync(cancellationToken)).Where(run => run.Job == job.Name && run.Kind == RunScope.KindOf(PilotStage.Pilot)))
        {
            var fields = PilotEvalSet.FieldsOf(JobSnapshot.FromJson(run.Snapshot).Contract.SchemaJson);
            foreach (var (pointer, by) in fields)
                comparators.Add(EvalSetCarry.Written(pointer, by));
            await foreach (var row in store.ReadPickedAsync(run.Id, cancellationToken))
            {
                if (PilotEvalSet.Own(row, run.Name, fields) is { } one)
                    own.Add(EvalSetCarry.Written(one));
            }
        }

        return new EvalSetCarry(own, comparators, job.Contract.SchemaJson);
    }

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
