using System.CommandLine;
using Muster.Cli;
using Muster.Cli.Commands;

var terminal = Terminal.OfProcess();
var root = new RootCommand("Runs very large prompt jobs through Claude's Message Batches API and accounts for every row.")
{
    InitCommand.Create(terminal),
    CheckCommand.Create(terminal),
    StatusCommand.Create(terminal),
    ReconcileCommand.Create(terminal),
    PromoteCommand.Create(terminal),
    RollbackCommand.Create(terminal),
    ReportCommand.Create(terminal),
    DoctorCommand.Create(terminal),
};
return await Invocation.RunAsync(root, args, terminal);
