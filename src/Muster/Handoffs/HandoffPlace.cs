using Muster.Jobs;

namespace Muster.Handoffs;

/// <summary>Where a handoff may stand: in a folder of its own, which holds nothing that somebody needs in its place and is no part of anything of ours.</summary>
internal static class HandoffPlace
{
    /// <summary>As many as Linux follows.</summary>
    private const int MaxLinks = 40;

    /// <exception cref="HandoffException">The place is taken, whatever may be moved aside.</exception>
    public static void Refuse(string folder, Job job, string store)
    {
        // A link on the way would hide what a path names.
        var real = Real(folder);
        if (Path.GetDirectoryName(real) is null)
            throw Refused($"{folder} is the root of the file system.");
        if (Holds(real, job.Directory) || Holds(real, store))
            throw Refused($"{folder} holds the job or its state.");
        if (InUse(job).FirstOrDefault(other => Holds(real, other.Path)) is { } used)
            throw Refused($"{folder} holds {used.What}, {used.Path}.");
        if (Below(Whole(store), real))
            throw Refused($"{folder} lies in the job's state, {store}.");
        for (var above = Path.GetDirectoryName(real); above is not null; above = Path.GetDirectoryName(above))
        {
            if (HandoffManifest.IsLabelled(above))
                throw Refused($"{folder} lies in another handoff, {above}, which would then hold what it does not list.");
        }
    }

    private static IEnumerable<Place> InUse(Job job) =>
    [
        // On Unix this is what HOME says; empty where a service has none.
        .. Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home ? (Place[])[new Place("your home folder", home)] : [],
        new Place("the folder that you are in", Environment.CurrentDirectory),
        .. job.Source.Paths.Select(path => new Place("the job's source", path)),
        .. job.Target is { } target ? (Place[])[new Place("the job's target", target.Path)] : [],
    ];

    private static HandoffException Refused(string message) => new(message, "Name a folder of its own: `muster handoff --out handover`.");

    private static bool Holds(string folder, string other) => Below(folder, Real(other)) || Below(folder, Whole(other));

    private static bool Below(string folder, string other) => WithSeparator(other).StartsWith(WithSeparator(folder), StringComparison.Ordinal);

    private static string WithSeparator(string path) => Path.EndsInDirectorySeparator(path) ? path : path + Path.DirectorySeparatorChar;

    /// <summary>The path without links in it. The last part stays: a link there is what would be moved.</summary>
    private static string Real(string path, int links = MaxLinks)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(full) is not { } parent)
            return full;
        var real = Path.GetPathRoot(full)!;
        foreach (var part in Path.GetRelativePath(real, parent).Split(Path.DirectorySeparatorChar).Where(part => part != "."))
        {
            real = Path.Combine(real, part);
            if (links > 0 && new DirectoryInfo(real) is { LinkTarget: not null } link && link.ResolveLinkTarget(returnFinalTarget: true) is { } target)
                real = Real(target.FullName, links - 1);
        }

        return Path.Combine(real, Path.GetFileName(full));
    }

    /// <summary>The same with its last part followed too.</summary>
    private static string Whole(string path) => Path.GetDirectoryName(Real(Path.Combine(path, "-")))!;

    private sealed record Place(string What, string Path);
}
