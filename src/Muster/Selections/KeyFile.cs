namespace Muster.Selections;

/// <summary>The keys of <c>key:@file</c>: one a line in UTF-8, as they are; empty lines are none. Held in memory, so its size is bounded.</summary>
internal static class KeyFile
{
    public const long MaxBytes = 256_000_000;

    /// <summary>The keys of each file that the selectors name.</summary>
    /// <exception cref="KeyFileException">As for one file.</exception>
    public static async Task<IReadOnlyDictionary<string, IReadOnlySet<string>>> ReadAllAsync(IEnumerable<Selector> selectors, CancellationToken cancellationToken = default)
    {
        var files = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal);
        foreach (var value in selectors.SelectMany(selector => selector.Terms).SelectMany(term => term.Values).Where(value => value.Match == SelectorMatch.File))
            files.TryAdd(value.Text, await ReadAsync(value.Text, cancellationToken));
        return files;
    }

    /// <exception cref="KeyFileException">The file is missing, unreadable, too large, or holds no key.</exception>
    public static async Task<IReadOnlySet<string>> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                throw new KeyFileException($"{path}: more than {MaxBytes} bytes of keys.", "Select the rows by what they have in common.");
            await foreach (var line in File.ReadLinesAsync(path, cancellationToken))
            {
                if (line.Length > 0)
                    keys.Add(line);
            }
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw new KeyFileException($"{path}: cannot be read: {broken.Message}", "Name a file with one key a line.", broken);
        }

        return keys.Count > 0 ? keys : throw new KeyFileException($"{path}: holds no key.", "Write one key a line.");
    }
}

internal sealed class KeyFileException(string message, string hint, Exception? inner = null) : MusterException(message, hint, inner)
{
    public override int ExitCode => ExitCodes.Usage;
}
