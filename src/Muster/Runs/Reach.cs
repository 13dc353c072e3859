namespace Muster.Runs;

/// <summary>
/// Whether the remote answers. An outage is told when it begins, when its cause changes and when it is over: what is in flight goes
/// on at the remote, so between these there is nothing to say.
/// </summary>
internal sealed class Reach
{
    private string? outage;

    /// <summary>True once any call of this process was answered by the API.</summary>
    public bool HasAnswered { get; private set; }

    public void Answered(RunContext context)
    {
        HasAnswered = true;
        if (outage is null)
            return;
        outage = null;
        context.Tell(RunEventKind.Waiting, $"{context.Client.BaseUrl} answers again");
    }

    public void Missed(RunContext context, string why)
    {
        if (string.Equals(outage, why, StringComparison.Ordinal))
            return;
        outage = why;
        context.Tell(RunEventKind.Waiting, $"{context.Client.BaseUrl} cannot be reached: {why}; it is asked until it answers");
    }
}
