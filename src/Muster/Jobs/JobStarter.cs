using System.Text;

namespace Muster.Jobs;

/// <summary>Writes a job to start from: a commented job file, its contract and a small source. They load and run as they are.</summary>
internal static class JobStarter
{
    private const string Resources = "Muster.Jobs.Starter.starter";
    private static readonly string[] Suffixes = [".job.yaml", ".schema.json", ".csv"];

    /// <summary>The files written, the job file first.</summary>
    /// <param name="folder">Created when it is missing.</param>
    /// <param name="name">The job's name, 1 to 40 of <c>a-z 0-9 -</c>.</param>
    /// <param name="overwrite">False refuses when any of the files is there already, and writes none.</param>
    /// <exception cref="MusterException">The name is not allowed, or a file is in the way.</exception>
    public static IReadOnlyList<string> Write(string folder, string name, bool overwrite = false)
    {
        if (!JobReader.IsName(name))
        {
            throw new MusterException($"{Excerpt.Quoted(name)} is not a job's name: 1 to 40 of the characters a-z, 0-9 and -", "Choose a name such as `product-tags`.");
        }

        var files = Suffixes.Select(suffix => Path.Combine(Path.GetFullPath(folder), name + suffix)).ToList();
        if (!overwrite && files.Find(Path.Exists) is { } inTheWay)
        {
            throw new MusterException($"{inTheWay} is there already; nothing was written", "Choose another name, or pass --overwrite.");
        }

        Directory.CreateDirectory(folder);
        for (var i = 0; i < Suffixes.Length; i++)
        {
            using var file = new FileStream(files[i], overwrite ? FileMode.Create : FileMode.CreateNew);
            file.Write(Encoding.UTF8.GetBytes(Template(Suffixes[i]).Replace("NAME", name, StringComparison.Ordinal)));
        }

        return files;
    }

    private static string Template(string suffix)
    {
        using var stream = typeof(JobStarter).Assembly.GetManifestResourceStream(Resources + suffix)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
