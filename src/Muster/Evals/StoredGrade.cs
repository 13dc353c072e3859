namespace Muster.Evals;

/// <summary>Where the graded answers are from.</summary>
internal enum GradeSource
{
    /// <summary>The run asked the cases and nothing else.</summary>
    Eval,

    /// <summary>The run carried them as gold rows in its batches.</summary>
    Gold,

    /// <summary>They are rows of the run itself.</summary>
    Rows,
}

/// <summary>A grade with the run it is of.</summary>
/// <param name="Id">0 until it is kept.</param>
/// <param name="Judge">The version of the judge's job that scored its rubrics; null when it has none.</param>
internal sealed record StoredGrade(long Id, long RunId, string Run, GradeSource Source, string Job, EvalGrade Grade, string? Judge, DateTimeOffset At)
{
    public string JobVersion => Grade.Subject;

    public string Set => $"{Grade.SetId}@{Grade.SetVersion}";
}

/// <summary>The grade that later ones are compared with.</summary>
internal sealed record EvalBaseline(StoredGrade Grade, string Who, DateTimeOffset LockedAt);
