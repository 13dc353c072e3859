namespace Muster;

/// <summary>Writes a word so that a POSIX shell reads it as it is.</summary>
internal static class Shell
{
    public static string Quoted(string word) =>
        word.Length > 0 && word.AsSpan().IndexOfAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:=@%+,") < 0 && word[0] != '-'
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
