namespace Muster.Simulator.Rules;

internal enum Mode
{
    Batch,
    Sync,
}

/// <summary>What a request is judged by besides its own params: how it was sent.</summary>
internal readonly record struct Terms(string Version, Mode Mode, bool LongOutput)
{
    public bool IsNew => Version == HeaderRules.New;
}
