using System.CommandLine;
using Muster.Cli;
using Muster.Cli.Commands;

var terminal = Terminal.OfProcess();
var root = new RootCommand("Runs very large prompt jobs through Claude's Message Batches API and accounts for every row.")
{
    DemoCommand.Create(terminal),
    InitCommand.Create(terminal),
    CheckCommand.Create(terminal),
    PilotCommand.Create(terminal),
    RunCommand.Create(terminal),
    RerunCommand.Create(terminal),
    EvalCommand.Create(terminal),
    WatchCommand.Create(terminal),
    StatusCommand.Create(terminal),
    CancelCommand.Create(terminal),
    ReconcileCommand.Create(terminal),
    VerifyCommand.Create(terminal),
    DriftCommand.Create(terminal),
    PromoteCommand.Create(terminal),
    RollbackCommand.Create(terminal),
    ReportCommand.Create(terminal),
    HandoffCommand.Create(terminal),
    PurgeCommand.Create(terminal),
    ReviewCommand.Create(terminal),
    QuarantineCommand.Create(terminal),
    SimulateCommand.Create(terminal),
    DoctorCommand.Create(terminal),
};
return await Invocation.RunAsync(root, args, terminal);
