using Muster.Jobs;
using Muster.Promotion;
using Muster.Runs;
using Muster.Simulation.Mutants;
using Muster.Simulation.Scheduling;
using Muster.Stores;

namespace Muster.Simulation.Promoting;

/// <summary>
/// Whoever promotes a finished run and takes it back: one process for each command, started again as often as it dies. It dies at any
/// await, or at a named point inside of a step; other programs edit the table in between.
/// </summary>
internal sealed class PromotionOperator
{
    private const string Spares = "RollbackSparesOthers";
    private const string Replays = "PromotionReplays";
    private const int MostListed = 20;
    private const int MostDeaths = 6;
    private const int MostStarts = 40;

    private readonly World world;
    private readonly Dice dice;
    private readonly LiveTable table;
    private readonly Job job;
    private readonly Mutant mutant;
    private readonly Func<VirtualProcess, IStore> open;
    private readonly Dictionary<string, Managed> answers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyDictionary<string, PlannedRow>> plans = [];
    private readonly Queue<Func<PromotionProcess, Task>> course = [];
    private readonly Dictionary<string, int> editsBefore = [];
    private readonly Dictionary<string, Step<UndoCounts>> undone = [];
    private readonly PromotionDeaths deaths;
    private readonly bool isPartial;
    private IReadOnlyDictionary<string, PlannedRow>? judged;
    private TargetState? next;
    private VirtualProcess? dying;
    private PlannedPromotion? applied;
    private string? known;
    private string? applying;
    private string? rolling;
    private string? rolled;
    private int editsAtJudging;
    private int edits;
    private int started;

    public PromotionOperator(World world, Dice dice, LiveTable table, Job job, Mutant mutant, RunState run, Func<VirtualProcess, IStore> open)
    {
        (this.world, this.dice, this.table, this.job, this.mutant, this.open) = (world, dice, table, job, mutant, open);
        isPartial = run != RunState.Done;
        deaths = PromotionDeaths.Draw(dice);
        DrawCourse();
    }

    /// <summary>From the first command to the end of the last.</summary>
    public void Go()
    {
        world.BeforeStep = Trouble;
        Start();
        while (world.Violation is null && course.Count > 0 && world.Step())
        {
        }

        world.BeforeStep = null;
        if (course.Count > 0)
            world.Violate("RunsEnd", $"the promotion stands still with {course.Count} commands left");
    }

    private void DrawCourse()
    {
        course.Enqueue(PromoteAsync);
        if (dice.Hit(0.5))
            course.Enqueue(ApplyAgainAsync);
        if (dice.Hit(0.4))
            course.Enqueue(PlanAgainAsync);
        if (!dice.Hit(0.85))
            return;
        course.Enqueue(RollBackAsync);
        if (dice.Hit(0.4))
            course.Enqueue(RollBackAgainAsync);
        if (!dice.Hit(0.3))
            return;
        course.Enqueue(PromoteAsync);
        if (dice.Hit(0.5))
            course.Enqueue(RollBackAsync);
    }

    private void Start()
    {
        if (world.Violation is not null)
            return;
        if (++started > MostStarts)
            world.Violate("RunsEnd", $"the promotion is not over after {MostStarts} processes");
        var process = new VirtualProcess(world, $"m{started}");
        process.Post(_ => _ = RunAsync(process), null);
    }

    private async Task RunAsync(VirtualProcess process)
    {
        var death = new ProcessDeath();
        var store = open(process);
        var chance = Chance.Seeded((int)dice.Next());
        var target = mutant.Target(new SqliteTarget(job.Target!, process.Time) { Reached = point => Reached(process, death, point) }, table);
        var promotions = new Promotions(job, target, new PromotionsOptions { Time = process.Time, Chance = chance, Actor = "operator" });
        world.Trace.Add(process.Name, $"promotes, command {course.Count} from the end");
        try
        {
            await course.Peek()(new PromotionProcess(process, store, promotions, death.Stop.Token));
            course.Dequeue();
        }
        catch (KilledException)
        {
            table.Leave(death.Remains!);
        }
        catch (OperationCanceledException) when (death.Stop.IsCancellationRequested)
        {
            world.Trace.Add(process.Name, "stops as asked");
        }
        catch (Exception problem)
        {
            world.Violate("NoCrash", $"{process.Name} ended with {problem}");
        }

        process.Exit();
        table.Look($"after {process.Name}");
        Again();
    }

    private void Again() => world.At(dice.Seconds(0, 60), null, Start);

    /// <summary>A point inside of a step: what has committed is known here, and the process may die.</summary>
    private void Reached(VirtualProcess process, ProcessDeath death, string point)
    {
        world.Trace.Add(process.Name, point);
        switch (point)
        {
            case "plan.staged" when dice.Hit(0.1):
                Edit();
                break;
            case "plan.written":
                (judged, editsAtJudging) = (table.State.Plan(answers), edits);
                break;
            case "apply.begun":
                next = table.State.Apply(applying!, plans[applying!], answers).State;
                break;
            case "rollback.begun":
                next = table.State.RollBack(rolling!).State;
                break;
            case "apply.committed":
                table.State = next!;
                break;
            case "rollback.committed":
                undone[rolling!] = table.State.RollBack(rolling!);
                table.State = next!;
                break;
        }

        table.Look(point, point.StartsWith("rollback", StringComparison.Ordinal) ? Spares : "NothingLiveWithoutPromotion");
        if (world.Violation is not null || deaths.Count >= MostDeaths)
            return;
        if (dice.Hit(deaths.Inside))
        {
            deaths.Count++;
            Count(process, "promotion: killed inside of a step", $"is killed at {point}");
            death.Remains = table.Remains();
            dying = process;
            throw new KilledException();
        }

        if (dice.Hit(deaths.Stop))
        {
            deaths.Count++;
            Count(process, "promotion: asked to stop", $"is asked to stop at {point}");
            dying = process;
            death.Stop.Cancel();
        }
    }

    private void Trouble(VirtualProcess process)
    {
        // What has left a step's transaction in the middle closes its connection first.
        if (process == dying || deaths.Count >= MostDeaths || !dice.Hit(deaths.AtAwait))
            return;
        deaths.Count++;
        Count(process, "promotion: killed at an await", "is killed");
        process.Kill();
        table.Look($"after {process.Name}");
        Again();
    }

    private void Count(VirtualProcess process, string kind, string what)
    {
        world.Trace.Count(kind);
        world.Trace.Add(process.Name, what);
    }

    private void Edit()
    {
        table.Edit(dice);
        edits++;
    }

    private async Task PromoteAsync(PromotionProcess own)
    {
        PlannedPromotion? planned = null;
        if (known is { } plan && dice.Hit(0.6))
        {
            var isApplied = table.State.Promotions.Exists(promotion => promotion.Plan == plan);
            try
            {
                planned = await own.Promotions.FindAsync(own.Store, plan, own.Stop);
            }
            catch (TargetException) when (isApplied)
            {
                known = null;
                return;
            }
        }

        planned ??= await PlanAsync(own);
        if (dice.Hit(0.3))
            Edit();
        await Task.Delay(dice.Seconds(1, 600), own.Process.Time, own.Stop);
        if (dice.Hit(0.2))
            Edit();
        // As the command does; a library's user applies an empty plan, too.
        if (planned.Plan.Counts.Written == 0 && dice.Hit(0.5))
            return;
        applying = planned.Plan.PlanId;
        var before = table.State;
        var receipt = await own.Promotions.ApplyAsync(own.Store, planned, own.Stop);
        (applied, known) = (planned, null);
        var counts = before.Apply(applying, plans[applying], answers).Counts;
        if (receipt.Counts != counts || receipt.PlanId != applying || receipt.AlreadyApplied || receipt.Stale != (counts != planned.Plan.Counts))
            world.Violate("NothingLiveWithoutPromotion", $"the receipt says {receipt.Counts}, stale: {receipt.Stale}; the rows say {counts}, planned: {planned.Plan.Counts}");
    }

    private async Task<PlannedPromotion> PlanAsync(PromotionProcess own)
    {
        known = null;
        if (isPartial)
            await RefusedUnlessPartialAsync(own);
        var run = await own.Promotions.ChooseAsync(own.Store, null, isPartial ? Completeness.Partial : Completeness.Whole, own.Stop);
        await ReadAnswersAsync(own, run);
        var planned = await own.Promotions.PlanAsync(own.Store, run, cancellationToken: own.Stop);
        var counts = TargetState.Counts(judged!.Values.Select(row => row.Op));
        if (planned.Plan.Counts != counts)
            world.Violate("NothingLiveWithoutPromotion", $"the plan says {planned.Plan.Counts}, the rows say {counts}");
        known = planned.Plan.PlanId;
        (plans[known], editsBefore[known]) = (judged!, editsAtJudging);
        return planned;
    }

    private async Task RefusedUnlessPartialAsync(PromotionProcess own)
    {
        try
        {
            await own.Promotions.ChooseAsync(own.Store, null, Completeness.Whole, own.Stop);
            world.Violate("NothingLiveWithoutPromotion", "a run that is not done is promoted without being told to");
        }
        catch (TargetException)
        {
            // It says how many rows are open.
        }
    }

    private async Task ReadAnswersAsync(PromotionProcess own, Run run)
    {
        await foreach (var row in own.Store.StagedAsync(run.Id, own.Stop))
            answers[row.Key] = Managed.Of(Scenario.Expected[row.Key]);
    }

    /// <summary>G4: the same plan once more is its first receipt.</summary>
    private async Task ApplyAgainAsync(PromotionProcess own)
    {
        if (applied is null)
            return;
        table.Looked(Replays);
        var receipt = await own.Promotions.ApplyAsync(own.Store, applied, own.Stop);
        if (!receipt.AlreadyApplied || receipt.PlanId != applied.Plan.PlanId)
            world.Violate(Replays, $"{applied.Plan.PlanId} was applied and is applied again as {receipt.PromotionId}");
        table.Look("after the same plan again", Replays);
    }

    /// <summary>G4: a promoted run planned anew has nothing to write.</summary>
    private async Task PlanAgainAsync(PromotionProcess own)
    {
        var planned = await PlanAsync(own);
        if (table.State.Promotions is not [.., { State: PromotionState.Live } last] || editsBefore[last.Plan] != edits)
            return;
        table.Looked(Replays);
        if (planned.Plan.Counts.Written > 0)
            world.Violate(Replays, $"everything is promoted, and a new plan would write {planned.Plan.Counts}");
    }

    private async Task RollBackAsync(PromotionProcess own)
    {
        for (var more = rolling is null ? dice.Below(5) : 0; more > 0; more--)
            Edit();
        rolling ??= table.State.Promotions.FindLast(promotion => promotion.State == PromotionState.Live)?.Plan;
        if (rolling is null)
            return;
        var id = await IdAsync(own, rolling);
        if (dice.Hit(0.3))
        {
            Compare(await own.Promotions.RollbackAsync(id, RollbackMode.DryRun, own.Stop), Undo(rolling));
            table.Look("after a dry run", Spares);
            if (dice.Hit(0.3))
                Edit();
        }

        var wanted = Undo(rolling);
        Compare(await own.Promotions.RollbackAsync(id, RollbackMode.Write, own.Stop), wanted);
        (rolled, rolling) = (rolling, null);
    }

    private Step<UndoCounts> Undo(string plan) => undone.GetValueOrDefault(plan) ?? table.State.RollBack(plan);

    /// <summary>G5: the receipt counts what was put back and names what was left.</summary>
    private void Compare(RollbackReceipt receipt, Step<UndoCounts> wanted)
    {
        var left = wanted.State.Promotions.Find(promotion => promotion.Plan == rolling)!.Left;
        if (new UndoCounts(receipt.Restored, receipt.Deleted, receipt.Conflicts) != wanted.Counts || !receipt.Listed.Select(one => one.Key).SequenceEqual(left.Take(MostListed)))
            world.Violate(Spares, $"the receipt says {receipt} and lists {string.Join(", ", receipt.Listed.Select(one => one.Key))}; the rows say {wanted.Counts} and {string.Join(", ", left)}");
    }

    private async Task RollBackAgainAsync(PromotionProcess own)
    {
        if (rolled is null)
            return;
        table.Looked(Replays);
        var receipt = await own.Promotions.RollbackAsync(await IdAsync(own, rolled), RollbackMode.Write, own.Stop);
        if (!receipt.AlreadyRolledBack)
            world.Violate(Replays, $"{rolled} was rolled back and is rolled back again");
        table.Look("after the same rollback again", Replays);
    }

    private static async Task<string> IdAsync(PromotionProcess own, string plan) =>
        (await own.Promotions.ReceiptsAsync(own.Stop)).Single(receipt => receipt.PlanId == plan).PromotionId;
}
