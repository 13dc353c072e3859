namespace Muster.Jobs;

/// <summary>One thing wrong with a job file, or with a file it names.</summary>
/// <param name="File">The file the fault stands in, as it was given or as the job file names it.</param>
/// <param name="Line">1-based; 0 when the whole file is meant.</param>
/// <param name="Column">1-based, in characters; 0 when the whole file is meant.</param>
/// <param name="Field">The field, as <c>tiers[0].max_tokens</c>; empty for the file as a whole.</param>
/// <param name="Message">What was found and what is allowed there.</param>
/// <param name="Hint">What to write instead.</param>
public sealed record JobFault(string File, int Line, int Column, string Field, string Message, string Hint)
{
    /// <summary><c>file:line:column</c>, which editors and terminals turn into a link.</summary>
    public string Place => Line == 0 ? File : $"{File}:{Line}:{Column}";

    public override string ToString() => Field.Length == 0 ? $"{Place}: {Message}" : $"{Place}: {Field}: {Message}";
}
