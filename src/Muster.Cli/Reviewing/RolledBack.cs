using Muster.Cli.Output;
using Muster.Promotion;
using Muster.Review;

namespace Muster.Cli.Reviewing;

/// <summary>Asks the target whether a row's promotion was rolled back.</summary>
internal static class RolledBack
{
    /// <returns>Null also where the target cannot be asked, which is told: what is in the store holds whatever the target's trouble is.</returns>
    public static async Task<Receipt?> FindAsync(Terminal terminal, ReviewDesk desk, string key, CancellationToken cancellationToken)
    {
        try
        {
            return await desk.TakenBackAsync(key, cancellationToken);
        }
        catch (TargetException refusal)
        {
            terminal.RawTalk.WriteLine($"Warning: the target could not be asked whether a promotion of this row was rolled back: {Figures.Clean(refusal.Message)}");
            return null;
        }
    }
}
