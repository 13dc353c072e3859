using System.Diagnostics;

namespace Muster.Cli.Reviewing;

/// <summary>Opens a text in the reviewer's own editor, and reads it back.</summary>
internal static class TextEditor
{
    private const string Usual = "vi";

    public static string Name => Named("VISUAL") ?? Named("EDITOR") ?? Usual;

    /// <summary>The text as it was left; null when the editor failed.</summary>
    public static async Task<byte[]?> EditAsync(string text, TimeProvider time, TimeSpan interval, Func<Task> meanwhile)
    {
        var folder = Directory.CreateTempSubdirectory("muster-review-").FullName;
        var path = Path.Combine(folder, "output.json");
        try
        {
            OwnerOnly.Write(path, text + "\n");
            // An editor is often named with its options.
            var words = Name.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var start = new ProcessStartInfo(words[0]) { UseShellExecute = false };
            foreach (var word in words.Skip(1).Append(path))
                start.ArgumentList.Add(word);
            using var editor = Process.Start(start);
            if (editor is null)
                return null;
            var ended = editor.WaitForExitAsync();
            while (await Task.WhenAny(ended, Task.Delay(interval, time)) != ended)
                await meanwhile();
            return editor.ExitCode == 0 ? await File.ReadAllBytesAsync(path) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no such program.
            return null;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string? Named(string variable) => variable switch
    {
        "VISUAL" => Environment.GetEnvironmentVariable("VISUAL") is { Length: > 0 } visual ? visual : null,
        _ => Environment.GetEnvironmentVariable("EDITOR") is { Length: > 0 } editor ? editor : null,
    };
}
