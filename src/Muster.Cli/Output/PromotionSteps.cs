using Muster.Promotion;

namespace Muster.Cli.Output;

/// <summary>Says what a promotion is busy with.</summary>
internal sealed class PromotionSteps(Terminal terminal) : IProgress<PromotionProgress>
{
    private readonly StepProgress progress = new(terminal, "promote");

    public void Report(PromotionProgress value) => progress.Say(value.Step switch
    {
        PromotionStep.ReadingSource => $"reading the changed source, {Figures.Count(value.Rows, "row")}",
        PromotionStep.ReadingAnswers => $"reading accepted answers, {Figures.Count(value.Rows, "row")}",
        PromotionStep.Comparing => "comparing with the target",
        PromotionStep.Writing => "writing to the target",
        _ => throw new System.Diagnostics.UnreachableException(),
    });

    public Task<T> FollowAsync<T>(Func<Task<T>> work) => progress.FollowAsync(work);
}
