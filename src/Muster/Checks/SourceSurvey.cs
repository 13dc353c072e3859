using Muster.Jobs;
using Muster.Sources;
using Muster.Verdicts;

namespace Muster.Checks;

/// <summary>Streams the whole source once and counts what a run would make of it.</summary>
internal sealed class SourceSurvey(Job job, RequestSurvey? requests, CheckOptions options)
{
    private const int ProgressStride = 20_000;

    public async Task<SourceCheck> ReadAsync(ISource source, CancellationToken cancellationToken)
    {
        var keys = new KeyCensus();
        var aside = new SetAsideTally();
        long records = 0, merged = 0, askable = 0;
        var isSample = false;
        await foreach (var row in source.ReadAsync(0, cancellationToken))
        {
            if (records == options.Records)
            {
                isSample = true;
                break;
            }

            if (++records % ProgressStride == 0)
                options.Progress?.Report(new CheckProgress(records));
            var fault = row.Fault;
            if (fault is null && keys.IsRepeated(row.Key!))
            {
                if (job.Source.Key.FromContent)
                {
                    merged++;
                    continue;
                }

                fault = new SourceFault(Reasons.DuplicateKey, $"the key {Excerpt.Quoted(row.Key!)} stands on an earlier line");
            }

            fault ??= requests?.Add(row);
            if (fault is null)
                askable++;
            else
                aside.Add(row.Line, fault);
        }

        return new SourceCheck(job.Source.Paths, source.Columns, records, merged, askable, requests?.HashedKeys ?? 0, isSample,
            keys.IsComplete, aside.ToList());
    }
}
