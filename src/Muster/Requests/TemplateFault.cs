namespace Muster.Requests;

/// <summary>One thing wrong with a template.</summary>
/// <param name="Line">1-based, in the template's text.</param>
/// <param name="Column">1-based, in characters.</param>
/// <param name="Message">What was found there.</param>
/// <param name="Hint">What to write instead.</param>
public sealed record TemplateFault(int Line, int Column, string Message, string Hint);

/// <summary>A prompt that cannot be filled from the source's columns, with every fault.</summary>
public sealed class TemplateException : MusterException
{
    internal TemplateException(string name, IReadOnlyList<TemplateFault> faults)
        : base(Describe(name, faults), faults[0].Hint)
    {
        Name = name;
        Faults = faults;
    }

    /// <summary>Which template, as <c>prompt.user</c>.</summary>
    public string Name { get; }

    /// <summary>In the order of the text; at least one.</summary>
    public IReadOnlyList<TemplateFault> Faults { get; }

    private static string Describe(string name, IReadOnlyList<TemplateFault> faults) => string.Join(
        Environment.NewLine,
        faults.Select(fault => $"{name}, line {fault.Line}, column {fault.Column}: {fault.Message}"));
}
