using Muster.Jobs;

namespace Muster.Requests;

/// <summary>The prompt of a job, bound to the columns of its source. Immutable; workers share it.</summary>
internal sealed class PromptTemplates
{
    private readonly bool[] used;

    private PromptTemplates(Template? system, Template user, int columnCount)
    {
        System = system;
        User = user;
        used = new bool[columnCount];
        foreach (var column in user.Columns.Concat(system?.Columns ?? []))
        {
            used[column] = true;
        }
    }

    public Template? System { get; }

    public Template User { get; }

    /// <summary>For each column whether the prompt names it.</summary>
    public IReadOnlyList<bool> Used => used;

    /// <exception cref="TemplateException">A template is malformed or names what the source lacks.</exception>
    public static PromptTemplates Compile(PromptSpec prompt, IReadOnlyList<string> columns)
    {
        var system = prompt.System is { } text ? Template.Compile("prompt.system", text, columns, prompt.Values) : null;
        return new PromptTemplates(system, Template.Compile("prompt.user", prompt.User, columns, prompt.Values), columns.Count);
    }

    /// <summary>Room for one row's values; one for each worker, read into again for each row.</summary>
    public RowInput NewRow() => new(used);
}
