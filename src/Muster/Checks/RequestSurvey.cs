using System.Buffers;
using System.Text;
using Muster.Batches;
using Muster.Claude;
using Muster.Jobs;
using Muster.Requests;
using Muster.Sources;

namespace Muster.Checks;

/// <summary>Renders each row's first request as a run would, and counts bytes, batches and tokens. Nothing is kept of the rows.</summary>
internal sealed class RequestSurvey
{
    // Every row of a pilot-sized source is estimated; of a large one every sixteenth, the rest in proportion to its bytes.
    private const int EstimatedInFull = 2_000;
    private const int Stride = 16;

    // What surrounds the texts of one request: roles and turn marks.
    private const int FrameTokens = 10;

    private readonly Job job;
    private readonly PromptTemplates prompt;
    private readonly IReadOnlyList<ModelFacts?> models;
    private readonly RequestRenderer renderer;
    private readonly RowInput input;
    private readonly ArrayBufferWriter<byte> buffer = new(1 << 16);
    private readonly long[] shared;
    private readonly long[] sampledTokens;
    private readonly HashSet<int> takenCounts = [];
    private BatchPacker packer;
    private int batches;
    private long sampledBytes;
    private string? largestAt;

    public RequestSurvey(Job job, PromptTemplates prompt, string apiSchemaJson, Prices prices)
    {
        this.job = job;
        this.prompt = prompt;
        models = [.. job.Tiers.Select(tier => prices.Find(tier.Model))];
        renderer = new RequestRenderer(prompt, job.Tiers[0], apiSchemaJson, models[0]?.MaxOutputTokens);
        input = prompt.NewRow();
        shared = [.. job.Tiers.Select((tier, i) => SharedTokens(tier, models[i], apiSchemaJson))];
        sampledTokens = new long[job.Tiers.Count];
        packer = NextBatch();
    }

    public long Requests { get; private set; }

    public long Bytes { get; private set; }

    public int LargestBytes { get; private set; }

    public long HashedKeys { get; private set; }

    public long SampledRows { get; private set; }

    public string? LargestAt => largestAt;

    public int Batches => batches + (packer.Rows > 0 ? 1 : 0);

    /// <summary>Why the row cannot be asked, or null when it was counted.</summary>
    public SourceFault? Add(SourceRow row)
    {
        if (input.Read(row.Input) is { } unreadable)
            return unreadable;
        var isHashed = job.Source.Key.Sensitive || !CustomId.IsReadable(row.Key!);
        Span<byte> id = stackalloc byte[CustomId.MaxChars];
        var length = CustomId.Write(id, row.Key!, isHashed ? HashedPart : null, RunTag, Nonce, 1);
        buffer.ResetWrittenCount();
        if (renderer.Render(id[..length], input, RequestVariant.Same, buffer).Fault is { } fault)
            return fault;
        var bytes = buffer.WrittenCount;
        if (bytes > packer.MaxRequestBytes)
        {
            return new SourceFault($"{Verdicts.Reasons.InputTooLarge}.batch",
                $"the request has {bytes} bytes, more than a batch may have ({packer.MaxRequestBytes})");
        }

        Pack(bytes);
        HashedKeys += isHashed ? 1 : 0;
        if (bytes > LargestBytes)
            (LargestBytes, largestAt) = (bytes, row.Line);
        if (Requests < EstimatedInFull || Requests % Stride == 0)
            Sample(bytes);
        Requests++;
        return null;
    }

    /// <summary>Tokens of a tier that every one of its requests repeats.</summary>
    public long SharedOf(int tier) => shared[tier];

    /// <summary>Input tokens of one tier, were it asked about every row.</summary>
    public long InputTokens(int tier) =>
        (Requests * shared[tier]) + (sampledBytes == 0 ? 0 : (long)((double)sampledTokens[tier] * Bytes / sampledBytes));

    // Stand-ins of the right length; the ids of a run are chosen when it opens.
    private static readonly string HashedPart = new('0', 26);
    private static readonly string RunTag = new('0', CustomId.RunChars);
    private static readonly string Nonce = new('0', CustomId.NonceChars);

    private long SharedTokens(TierSpec tier, ModelFacts? model, string apiSchemaJson)
    {
        var system = prompt.System?.Constant is { } constant ? TokenEstimate.OfText(constant, model) : 0;
        return FrameTokens + system + (tier.StructuredOutput ? TokenEstimate.OfText(Encoding.UTF8.GetBytes(apiSchemaJson), model) : 0);
    }

    private void Pack(int bytes)
    {
        Bytes += bytes;
        if (packer.TryAdd(bytes))
            return;
        takenCounts.Add(DistinctCount.AtMost(packer.Rows, takenCounts));
        batches++;
        packer = NextBatch();
        packer.TryAdd(bytes);
    }

    // No two batches share a request count, so each full one is a row smaller than the one before.
    private BatchPacker NextBatch() => new(DistinctCount.AtMost(job.Limits.BatchRows, takenCounts), job.Limits.BatchBytes);

    private void Sample(int bytes)
    {
        SampledRows++;
        sampledBytes += bytes;
        var user = Encoding.UTF8.GetBytes(prompt.User.RenderText(input));
        var system = prompt.System is { Constant: null } varying ? Encoding.UTF8.GetBytes(varying.RenderText(input)) : [];
        for (var tier = 0; tier < sampledTokens.Length; tier++)
            sampledTokens[tier] += TokenEstimate.OfText(user, models[tier]) + TokenEstimate.OfText(system, models[tier]);
    }
}
