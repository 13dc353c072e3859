using Muster;
using Muster.Claude;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Runs;

var job = JobFile.Load(args[0]);
await using var runner = Runner.Open(job, ClaudeOptions.FromEnvironment(), PipelineOptions.FromEnvironment() with { Unpiloted = true });
var end = await runner.RunAsync();
Console.WriteLine($"{end.Outcome}: {end.Ledger}");
var promotions = Promotions.Open(job);
var plan = await promotions.PlanAsync(runner, end.Run);
var receipt = await promotions.ApplyAsync(runner, plan);
Console.WriteLine($"{receipt.PromotionId}: {receipt.Counts.Written} rows written; to take them back: RollbackAsync(\"{receipt.PromotionId}\", …)");
