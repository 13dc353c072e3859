using Muster.Batches;
using Muster.Claude;
using Muster.Drift;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Reports;
using Muster.Results;
using Muster.Review;
using Muster.Runs;

namespace Muster.Tests.Reports;

/// <summary>Accounts of runs that nobody made, with every part a report can show. Their sums balance.</summary>
internal static class SomeAccount
{
    public const string Hostile = "</title></svg><script>window.hacked=1</script>\"><img src=x onerror=\"window.hacked=1\">\u202e";

    public static readonly DateTimeOffset Start = new(2026, 11, 21, 6, 0, 0, TimeSpan.Zero);

    private static readonly string[] Names = ["Shoes", "Sandals", "Boots", "Bags", "Belts", "Hats", "Gloves", "Scarves", "Socks", "Shirts", "Trousers", "Jackets", "Coats", "Dresses", "Skirts", "Tools"];

    /// <param name="rows">Rows of the run; their states are shares of it.</param>
    /// <param name="foreign">Put wherever words of rows, models and files stand.</param>
    /// <param name="categories">Values of the contract's field.</param>
    public static RunAccount Of(long rows = 600_000, string foreign = "", int categories = 16)
    {
        long human = rows / 90, quarantined = rows / 140, errored = rows / 4_000, aside = quarantined / 3;
        var succeeded = rows - human - quarantined - errored;
        var second = rows / 11;
        var job = Job(foreign, categories);
        var flows = new List<RowFlow>
        {
            new(0, RowState.Succeeded, true, succeeded - Math.Min(succeeded, second)), new(1, RowState.Succeeded, true, Math.Min(succeeded, second)),
            new(0, RowState.HumanQueued, true, human), new(1, RowState.Quarantined, true, quarantined - aside), new(0, RowState.Quarantined, false, aside), new(1, RowState.Errored, true, errored),
        }.Where(flow => flow.Rows > 0).ToList();
        var first = new Usage(0, "claude-haiku-4-5-20251001", rows - aside, (rows - aside) * 310, (rows - aside) * 96, 0, 0, 0, 0, (rows - aside) * 395_000_000, (rows - aside) * 790_000_000, 0);
        var climbed = Part(first, second);
        var next = new Usage(1, "claude-sonnet-5-5" + foreign, second, second * 420, second * 160, 0, 0, 0, 0, second * 1_220_000_000, second * 2_440_000_000, 0);
        var ladder = new Ladder(flows, [new TierUse(Less(first, climbed), false), new TierUse(climbed, true), new TierUse(next, false)],
            new Dictionary<int, long> { [0] = first.CostPicoUsd * 5 / 4, [1] = next.CostPicoUsd * 9 / 8 });
        var ledger = new Ledger(rows, succeeded, errored, 0, 0, quarantined, human, 0, 0);
        var run = new Run
        {
            Id = 4, Name = "r-4", Tag = "ABC123", Job = "catalog", JobVersion = "6bea8b10a47e", Snapshot = JobSnapshot.ToJson(job), Kind = "full", State = RunState.Done, Fingerprint = "{}",
            Columns = ["sku", "name", "category"], OpenedAt = Start, EndedAt = Start.AddHours(3.4), Records = rows, Failed = quarantined,
        };
        var report = new RunReport(run, ledger, [first, next], Batches(rows), []);
        var reasons = Reasons(human, quarantined, errored, foreign);
        return new RunAccount(report, new Dictionary<long, CoveredLines>(), reasons, [Receipt(succeeded, foreign)], null, new Advice($"{Amount.Of(succeeded, "row")} promoted.", "muster rollback prm-Q51XC0 --dry-run"))
        {
            Savings = TierSavings.Of(job, ladder, Prices.BuiltIn, DateOnly.FromDateTime(Start.UtcDateTime)),
            Drift = Drift(foreign),
            Review = new ReportedFacts($"Of 400 accepted rows that people judged, 9 were wrong: between 1.19 % and 4.22 % of all accepted rows. {foreign}", [new("labels", "400"), new("wrong", "9"), new("defect rate", "2.25 % [1.19 %, 4.22 %]")]),
            Picture = new RunPicture(ladder, Categories(succeeded, foreign, categories), Issues(reasons, foreign)),
        };
    }

    public static Job Job(string foreign = "", int categories = 16) => new()
    {
        Name = "catalog", Directory = "/data/catalog", Source = new SourceSpec(SourceFormat.Csv, [$"/data/catalog/products{foreign.Replace('/', '_')}.csv"], new KeySpec(["sku"])),
        Prompt = new PromptSpec("Sort the product.", "{{name}}", new Dictionary<string, string>()),
        Tiers = [new TierSpec("claude-haiku-4-5", 300), new TierSpec("claude-sonnet-5-5", 2_000)],
        Contract = new ContractSpec($$$"""{"type":"object","properties":{"category":{"enum":[{{{string.Join(",", Enumerable.Range(0, categories).Select(i => $"\"{Name(i)}\""))}}},null] } } }""", "schema.json"),
        Target = new TargetSpec(TargetKind.Csv, "/data/catalog/out.csv", "sku", [new ColumnSpec("category", "/category")]),
    };

    private static string Name(int i) => i < Names.Length ? Names[i] : $"{Names[i % Names.Length]} {i / Names.Length}";

    private static Usage Part(Usage of, long requests) => of.Requests == 0 ? of : of with
    {
        Requests = requests, InputTokens = requests * 310, OutputTokens = requests * 96, CostPicoUsd = requests * 395_000_000, SyncPicoUsd = requests * 790_000_000,
    };

    private static Usage Less(Usage of, Usage part) => of with
    {
        Requests = of.Requests - part.Requests, InputTokens = of.InputTokens - part.InputTokens, OutputTokens = of.OutputTokens - part.OutputTokens,
        CostPicoUsd = of.CostPicoUsd - part.CostPicoUsd, SyncPicoUsd = of.SyncPicoUsd - part.SyncPicoUsd,
    };

    private static List<Batch> Batches(long rows)
    {
        var batches = new List<Batch>();
        for (var i = 0; i < Math.Clamp(rows / 50_000, Math.Min(rows, 1), 40); i++)
        {
            var tier = i < 9 ? 0 : 1;
            var at = Start.AddMinutes((i * 7) + (tier * 70));
            var sent = (int)Math.Max(1, rows / 12);
            var ended = at.AddMinutes(22 + (i * 37 % 61));
            batches.Add(new Batch
            {
                Id = i + 1, Name = $"b-{i + 1}", RunId = 4, Tier = tier, State = BatchState.Settled, Nonce = $"N{i:D7}", Requests = sent, BodyBytes = sent * 900L, BodySha256 = new string('a', 64),
                ApiVersion = "2026-10-21", SealedAt = at.AddSeconds(-80), RemoteId = $"msgbatch_01{i:D22}", Proof = Proof.Reply,
                Remote = new RemoteBatch($"msgbatch_01{i:D22}", RemoteStatus.Ended, new RequestCounts(0, sent, 0, 0, 0), at, at.AddHours(24), ended, null, null),
                Archive = new Archive($"b-{i + 1}.jsonl.gz", sent * 120L, new string('b', 64), sent, sent * 900L),
            });
        }

        return batches;
    }

    private static List<ReportedReason> Reasons(long human, long quarantined, long errored, string foreign)
    {
        var reasons = new List<ReportedReason>();
        if (human > 0)
            reasons.Add(new(RowState.HumanQueued, "HUM.REQUESTED", human, [new("p-00017" + foreign, "products.csv:18", "The category is null." + foreign)]));
        string[] codes = ["SHP.ENUM_UNKNOWN./category" + foreign, "REQ.DUPLICATE_KEY", "GEN.MAX_TOKENS", "SHP.SCHEMA./summary", "SHP.NOT_JSON", "BIZ.RULE.price_in_band"];
        var rest = quarantined;
        for (var i = 0; i < codes.Length && rest > 0; i++)
        {
            var part = i == codes.Length - 1 ? rest : Math.Max(1, rest * 55 / 100);
            reasons.Add(new(RowState.Quarantined, codes[i], part, [new($"p-{i:D5}{foreign}", $"products.csv:{i + 40}", $"/category is \"Sneaker\", which is not one of the 16 values. {foreign}"), new(null, $"products.csv:{i + 90}", null)]));
            rest -= part;
        }

        if (errored > 0)
            reasons.Add(new(RowState.Errored, "API.TRANSIENT.overloaded", errored, [new("p-90001", "products.csv:90002", "overloaded_error")]));
        return reasons;
    }

    private static IssueList Issues(IReadOnlyList<ReportedReason> reasons, string foreign)
    {
        var set = reasons.Where(reason => reason.State == RowState.Quarantined).ToList();
        return new IssueList([.. set.Select((reason, i) => new IssueGroup($"v1:{i:x12}", reason.Reason, $"/category is \"Sneaker\". {foreign}", reason.Rows, $"products.csv:{i + 40}", "products.csv:4000",
            ["p-00017" + foreign], "Change the prompt or the contract, or add a larger tier, and run again."))], set.Sum(reason => reason.Rows), 0);
    }

    private static List<CategoryShift> Categories(long accepted, string foreign, int categories)
    {
        var labels = Enumerable.Range(0, categories).Select(i => Name(i) + (i == 2 ? foreign : "")).Append("(none)").Append("(other)").ToList();
        long[] Spread(int share)
        {
            var counts = new long[labels.Count];
            var rest = accepted;
            for (var i = 0; i < categories - 1; i++)
                rest -= counts[i] = rest * share / 8;
            counts[categories - 1] = rest;
            return counts;
        }

        var (before, after) = (Spread(1), Spread(1));
        var moved = after[0] / 4;
        after[0] -= moved;
        after[Math.Min(5, categories - 1)] += moved;
        return [new CategoryShift("category" + foreign, labels, "the source's column category", before, after, accepted / 6)];
    }

    private static Receipt Receipt(long rows, string foreign) => new("prm-Q51XC0", "p-RZEM50E3", "ABC123", "catalog.csv", "hash", "ada" + foreign, Start.AddHours(4), PromotionState.Live,
        new PromotionCounts(rows / 5, rows - (rows / 5) - (rows / 50), rows / 50, 0, 0, 0, 0), []);

    private static DriftReport Drift(string foreign)
    {
        DriftFinding Find(string check, string title, string field, Severity severity, string sentence = "") => new(check, title, field, "", "", "", 0.01, severity, sentence);
        return new DriftReport([
            Find("A1", "ledger", "", Severity.Ok), Find("A2", "reason codes", "", Severity.Warn, "SHP.ENUM_UNKNOWN rose from 0.21 % to 0.86 % of the rows." + foreign), Find("A3", "empty fields", "/category", Severity.Ok),
            Find("A3", "empty fields", "/features", Severity.Ok), Find("A3", "empty fields", "/summary" + foreign, Severity.Ok), Find("A4", "top value", "/category", Severity.Ok), Find("A5", "category mix", "/category", Severity.Warn, "Bags fell from 7.1 % to 5.3 %."),
            Find("A8", "length ratio", "/summary" + foreign, Severity.Ok), Find("A13", "pairing", "", Severity.Ok), Find("A15", "gold rows", "", Severity.NotApplicable), Find("A18", "economics", "", Severity.Info), Find("A19", "model ids", "", Severity.Ok),
        ], 214);
    }
}
