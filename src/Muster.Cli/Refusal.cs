using Muster.Claude;
using Muster.Contracts;
using Muster.Evals;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Requests;

namespace Muster.Cli;

/// <summary>One fault as it is printed: an <c>Error:</c> line and a <c>Try:</c> line.</summary>
internal sealed record Refusal(string Message, string Hint)
{
    /// <summary>A refusal that lists several faults is printed as so many pairs.</summary>
    public static IReadOnlyList<Refusal> Of(MusterException exception) => exception switch
    {
        JobFileException job => [.. job.Faults.Select(fault => new Refusal(fault.ToString(), fault.Hint))],
        ContractException contract => [.. contract.Faults.Select(fault =>
            new Refusal($"{contract.SchemaPath}{(fault.Pointer.Length == 0 ? "" : $" at {fault.Pointer}")}: {fault.What}", fault.Hint))],
        TemplateException template => [.. template.Faults.Select(fault =>
            new Refusal($"{template.Name}, line {fault.Line}, column {fault.Column}: {fault.Message}", fault.Hint))],
        TargetException { Faults.Count: > 1 } target => [.. target.Faults.Select(fault => new Refusal(fault.Message, fault.Hint))],
        EvalSetException { Faults.Count: > 1 } set => [.. set.Faults.Select(fault => new Refusal(EvalSetException.Said(set.Path, fault), fault.Hint))],
        PricesException prices => [.. prices.Faults.Select(fault => new Refusal($"{prices.Path}: {fault}", prices.Hint))],
        _ => [new Refusal(exception.Message, exception.Hint)],
    };
}
