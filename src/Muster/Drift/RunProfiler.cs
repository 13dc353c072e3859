using System.Security.Cryptography;
using System.Text;
using Muster.Jobs;
using Muster.Selections;
using Muster.Stores.Sqlite;

namespace Muster.Drift;

/// <summary>
/// The profile of a full run with its reruns: from the store's folder when it was made before and nothing changed since, else from the
/// rows, read once.
/// </summary>
internal sealed class RunProfiler(SqliteStore store)
{
    /// <exception cref="DriftException">It is still under way, or its rows were purged before it was profiled.</exception>
    public async Task<RunProfile> ProfileAsync(RunFamily family, CancellationToken cancellationToken = default)
    {
        RefuseUnfinished(family);
        var path = Path.Combine(store.Folder, "profiles", $"{family.Full.Name}.json");
        var signature = await SignatureAsync(family, cancellationToken);
        if (Kept(path, signature) is { } kept)
            return kept;
        if (store.Purges(family.Full.Id).Any(purge => purge.Scope == Purges.PurgeScope.Run))
        {
            throw new DriftException($"{family.Full.Name} was purged before it was profiled: nothing is left of its rows to look at.",
                "Name another run; `muster status` lists them.");
        }

        var profiler = new Profiler(RunShape.Of(family.Full));
        foreach (var run in family.Runs)
        {
            var caps = JobSnapshot.FromJson(run.Snapshot).Tiers.Select(tier => tier.MaxTokens).ToList();
            await foreach (var row in store.AnsweredRowsAsync(run, caps, cancellationToken))
                profiler.Add(row);
        }

        var profile = profiler.ToProfile();
        Keep(path, signature, profile);
        return profile;
    }

    private static void RefuseUnfinished(RunFamily family)
    {
        if (family.Unfinished is not { } run)
            return;
        var what = run.Id == family.Full.Id ? "" : $", a rerun of rows of {family.Full.Name},";
        throw new DriftException($"{run.Name}{what} is {Runs.RunStates.Word(run.State)}: drift is judged when every row is in a terminal state.",
            $"Finish it with `muster {Runs.RunKinds.Verb(run.Kind)}`.");
    }

    /// <summary>What the profile was made from. A run in a final state changes only by what people decide about its rows; a later rerun counts too.</summary>
    private async Task<string> SignatureAsync(RunFamily family, CancellationToken cancellationToken)
    {
        var runs = new List<string>();
        foreach (var run in family.Runs)
            runs.Add($"{run.Tag} {run.State} {await store.DecidedAtAsync(run.Id, cancellationToken):o}");
        var of = string.Join('\n', runs.Prepend($"{RunProfile.CurrentForm} {string.Join(',', JobSnapshot.FromJson(family.Full.Snapshot).Slices)}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(of)))[..32];
    }

    private static RunProfile? Kept(string path, string signature)
    {
        if (!File.Exists(path))
            return null;
        var lines = File.ReadAllText(path).Split('\n', 2);
        return lines.Length == 2 && lines[0] == signature ? RunProfile.Parse(lines[1]) : null;
    }

    // Under its name only when whole. What cannot be kept is made again the next time.
    private static void Keep(string path, string signature, RunProfile profile)
    {
        OwnerOnly.Create(path + ".new");
        OwnerOnly.Write(path + ".new", $"{signature}\n{profile.ToJson()}\n");
        File.Move(path + ".new", path, overwrite: true);
    }
}
