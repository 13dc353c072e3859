namespace Muster.Results;

/// <summary>Gives a download up when no byte came for so long.</summary>
internal sealed class IdleLimit : IDisposable
{
    private readonly TimeSpan idle;
    private readonly CancellationToken callers;
    private readonly CancellationTokenSource silence;
    private readonly CancellationTokenSource either;

    public IdleLimit(TimeSpan idle, TimeProvider time, CancellationToken callers)
    {
        this.idle = idle;
        this.callers = callers;
        silence = new CancellationTokenSource(idle, time);
        either = CancellationTokenSource.CreateLinkedTokenSource(callers, silence.Token);
    }

    public CancellationToken Token => either.Token;

    /// <summary>Before each read: the silence counts from now on.</summary>
    public CancellationToken Restart(CancellationToken _)
    {
        silence.CancelAfter(idle);
        return either.Token;
    }

    /// <summary>Why the download broke, so that another one may be whole; null for a problem that is not the download's.</summary>
    public string? WhyBroken(Exception problem) => problem switch
    {
        HttpRequestException or IOException or InvalidDataException => problem.Message,
        OperationCanceledException when !callers.IsCancellationRequested => $"no bytes for {idle.TotalSeconds:0} s",
        _ => null,
    };

    public void Dispose()
    {
        either.Dispose();
        silence.Dispose();
    }
}
