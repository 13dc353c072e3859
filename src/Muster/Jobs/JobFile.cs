using System.Text;

namespace Muster.Jobs;

/// <summary>Reads <c>NAME.job.yaml</c>. The format is described in <c>docs/job-file.md</c> and by <c>job.schema.json</c>.</summary>
public static class JobFile
{
    /// <summary>Reads and checks a job file and the files it names (prompts, contract); the source and target are not opened.</summary>
    /// <param name="path">The job file; relative paths in it start from its folder.</param>
    /// <param name="overrides">What is decided outside the file.</param>
    /// <exception cref="JobFileException">Anything is wrong; lists every fault.</exception>
    public static Job Load(string path, JobOverrides? overrides = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var faults = new FaultList(path);
        var text = TextFile.Read(path, YamlTree.MaxBytes, new Place(path, 0, 0), "", faults);
        var root = text is null ? null : YamlTree.Parse(path, text, faults);
        faults.ThrowIfAny();
        return Read(path, text!, root!, overrides ?? new JobOverrides(), faults);
    }

    /// <summary>The JSON Schema (draft 2020-12) of the job file, for editors.</summary>
    public static string Schema()
    {
        using var stream = typeof(JobFile).Assembly.GetManifestResourceStream("Muster.Jobs.job.schema.json")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static Job Read(string path, string text, YamlNode root, JobOverrides overrides, FaultList faults)
    {
        if (root is not YamlMap map)
        {
            faults.Add(root.Place, "", $"expected a map of fields, found {root.Kind}", "Begin with `job: NAME`; `muster init` writes a file to start from.");
            throw faults.ToException();
        }

        var job = new JobReader(path, text, overrides, faults).Read(map);
        faults.ThrowIfAny();
        return job ?? throw new InvalidOperationException("A job file without faults gave no job.");
    }
}
