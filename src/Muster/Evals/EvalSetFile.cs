using Muster.Jobs;

namespace Muster.Evals;

/// <summary>Puts an eval set in the place of another, so that a process killed at any step leaves a whole set under its name.</summary>
/// <param name="reached">Hears each step by its name; tests cut there.</param>
internal sealed class EvalSetFile(Action<string>? reached = null)
{
    /// <summary>The set that the job names, or else the one beside it.</summary>
    public static string PathOf(Job job) => job.Evals?.SetPath ?? PathBeside(job);

    /// <summary>Where a locked pilot of the job writes its set.</summary>
    public static string PathBeside(Job job) => Path.Combine(job.Directory, $"{job.Name}.evalset.jsonl");

    /// <summary>Reads an eval set for a job's contract.</summary>
    /// <exception cref="EvalSetException">It cannot be used; when only the contract refuses it, the hint says so.</exception>
    /// <exception cref="MusterException">There is no such file.</exception>
    public static EvalSet Load(string path, Job job)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new MusterException($"{job.Name}: the eval set {path} cannot be read: {problem.Message}",
                "`muster pilot --lock` writes one from a pilot's accepted rows, as NAME.evalset.jsonl; docs/evals.md has the form.", problem);
        }

        try
        {
            return EvalSetReader.Read(bytes, path, job.Contract.SchemaJson);
        }
        catch (EvalSetException refused) when (OfAnyContract(bytes, path) is { } closed)
        {
            throw new EvalSetException(refused,
                $"The contract changed since {closed} was closed. Write version {closed.Version + 1} with what the contract allows, or lock a pilot of this version:"
                + " `muster pilot`, then `muster pilot --lock`.");
        }
    }

    private static EvalSet? OfAnyContract(byte[] bytes, string path)
    {
        try
        {
            return EvalSetReader.Read(bytes, path, schemaJson: null);
        }
        catch (EvalSetException)
        {
            return null;
        }
    }

    /// <param name="keepAs">Where what is there stays; null when nothing is there or need not stay.</param>
    /// <returns>What was written.</returns>
    public byte[] Replace(string path, byte[] bytes, string? keepAs)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var beside = path + ".new";
        Write(beside, bytes);
        reached?.Invoke("new.written");
        if (keepAs is not null)
        {
            // A copy, not a move: until the new set has the name, the old one keeps it.
            var copy = keepAs + ".part";
            Write(copy, File.ReadAllBytes(path));
            reached?.Invoke("old.copied");
            File.Move(copy, keepAs, overwrite: true);
            Durable.Folder(folder);
            reached?.Invoke("old.kept");
        }

        File.Move(beside, path, overwrite: true);
        reached?.Invoke("new.named");
        Durable.Folder(folder);
        return bytes;
    }

    private static void Write(string path, byte[] bytes)
    {
        using var file = OwnerOnly.Write(path);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }
}
