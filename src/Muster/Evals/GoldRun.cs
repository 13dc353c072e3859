namespace Muster.Evals;

/// <summary>The books of a run's gold rows: a run of its own behind the run whose batches they ride in.</summary>
internal static class GoldRun
{
    public const string Kind = "gold";

    /// <summary>Ends a case's key where the number of its asking begins; the unit separator stands in no printed key.</summary>
    private const char Separator = '\u001f';

    /// <summary>The run that the gold rows of a run belong to.</summary>
    public static long IdOf(long runId) => -runId;

    /// <summary>A case that rides in several batches of a run is a row in each.</summary>
    public static string KeyOf(string caseKey, long asking) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{caseKey}{Separator}{asking}");

    public static string CaseOf(string rowKey) => rowKey[..Math.Max(0, rowKey.LastIndexOf(Separator))];
}
