using System.CommandLine;
using System.CommandLine.Parsing;
using Muster.Cli.Commands;
using Muster.Cli.Output;
using Muster.Jobs;
using Muster.Review;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Cli.Reviewing;

/// <summary>Which run is reviewed and by whom: the same options in every form of <c>review</c> and in what acts on the quarantine.</summary>
internal sealed class ReviewWhere(Argument<string?>? named = null)
{
    private const int MaxNameChars = 64;

    private readonly Option<string?> run = Shared.RunOption();
    private readonly Option<bool> pilot = new("--pilot") { Description = "The newest run over picked rows, every row one by one." };
    private readonly Option<string?> job = new("--job") { Description = "The job file whose store is used. Default: the only one in this folder.", HelpName = "JOB" };
    private readonly Option<string?> reviewer = new("--as") { Description = "The reviewer's name. Default: your user name.", HelpName = "NAME" };

    public void AddTo(Command command)
    {
        if (named is null)
            command.Options.Add(run);
        else
            command.Arguments.Add(named);
        command.Options.Add(pilot);
        command.Options.Add(job);
        command.Options.Add(reviewer);
        reviewer.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Trim().Length == 0 || token.Value.Length > MaxNameChars || token.Value.Any(char.IsControl)))
                result.AddError($"--as is a name of 1 to {MaxNameChars} characters on one line.");
        });
    }

    public bool IsPilot(ParseResult parsed) => parsed.GetValue(pilot);

    public Job Load(ParseResult parsed) => Shared.Load(parsed.GetValue(job));

    public async Task<ReviewDesk> OpenAsync(Terminal terminal, ParseResult parsed, CancellationToken cancellationToken)
    {
        // The parser would let `review r-2 list` pass and list another run.
        if (named is null && parsed.CommandResult.Parent is CommandResult { Command: not RootCommand } above && above.Children.OfType<ArgumentResult>().Any(argument => argument.Tokens.Count > 0))
            throw new UsageException($"The run stands before `{parsed.CommandResult.Command.Name}`.", "Name it with --run.");
        var definition = Load(parsed);
        await using var store = StatusCommand.OpenRun(definition, new NextStep(parsed.GetValue(job), definition.Target is not null));
        var runs = await store.RunsOfAsync(definition.Name, cancellationToken);
        var name = named is null ? parsed.GetValue(run) : parsed.GetValue(named);
        var chosen = IsPilot(parsed) && name is null
            ? runs.LastOrDefault(candidate => candidate.IsPilot()) ?? throw new UsageException($"{definition.Name} has no pilot yet.", NextStep.Command("pilot", parsed.GetValue(job)))
            : RunChoice.Of(definition.Name, runs, name);
        return new ReviewDesk(definition, chosen, store.Folder, parsed.GetValue(reviewer) ?? Environment.UserName, terminal.Time);
    }

    /// <summary>The store beside whoever writes it.</summary>
    public SqliteStore Read(ParseResult parsed) => SqliteStore.OpenForReading(StoreFolder.Of(Load(parsed)))!;

    public async Task<ReviewAccount> AccountAsync(Terminal terminal, ParseResult parsed, ReviewDesk desk)
    {
        await using var store = Read(parsed);
        return ReviewAccount.Read(store, desk.Run, terminal.Time.GetUtcNow());
    }

    /// <summary>The options that the next command needs to mean the same run and reviewer.</summary>
    public string Rest(ParseResult parsed)
    {
        var name = named is null ? parsed.GetValue(run) : parsed.GetValue(named);
        return (name is null ? "" : $" --run {name}") + (name is null && IsPilot(parsed) ? " --pilot" : "")
            + NextStep.JobOption(parsed.GetValue(job)) + (parsed.GetValue(reviewer) is { } by ? $" --as {NextStep.Quoted(by)}" : "");
    }

    public string NameOf(ReviewCard card, ReviewDesk desk) =>
        NextStep.Quoted(Figures.Clean(desk.Definition.Source.Key.Sensitive ? card.Line : card.Key ?? card.Line));

    /// <summary>The command that asks what was sent back.</summary>
    public string Run(ParseResult parsed, Run of) =>
        $"{NextStep.Command(RunKinds.Verb(of.Kind), parsed.GetValue(job))}{(JobVersion.Of(Load(parsed)) == of.JobVersion ? "" : " --as-opened")}";

    public string After(ParseResult parsed, ReviewAccount account, Run of) =>
        account.Waiting + account.Unqueued > 0 ? $"muster review{(of.IsFull() ? "" : of.IsPilot() ? " --pilot" : $" {of.Name}")}"
        : of.State is RunState.Running ? Run(parsed, of)
        : of.IsOverPickedRows() ? NextStep.Command(of.IsPilot() ? "pilot" : "eval", parsed.GetValue(job))
        : NextStep.Command("promote", parsed.GetValue(job)) + (of.IsRerun() ? $" --run {of.Name}" : "");
}
