using Muster.Bench;

return args switch
{
    _ when args.Contains("--help") => Usage(),
    ["serve-simulator", .. var engine] => await SimulatorProcess.ServeAsync(engine),
    ["simulator", ..] => await SimulatorBench.RunAsync(),
    ["path", ..] => await PathBench.RunAsync(args[1..]),
    ["floor", ..] => await FloorBench.RunAsync(args[1..]),
    ["contract", ..] => ContractBench.Run(),
    ["pick", ..] => await PickBench.RunAsync(args[1..]),
    ["kills", ..] => await KillBench.RunAsync(args[1..]),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        """
        dotnet run -c Release --project bench/Muster.Bench -- path [ROWS ...]   the whole path at each size; default 60000 600000
        dotnet run -c Release --project bench/Muster.Bench -- floor [ROWS]      recording results against download + one bulk insert
        dotnet run -c Release --project bench/Muster.Bench -- simulator         256 MB in, 100,000 lines out, and the simulator's peak memory
        dotnet run -c Release --project bench/Muster.Bench -- contract          outputs validated per second on one core
        dotnet run -c Release --project bench/Muster.Bench -- pick [FILE KEY COLUMN] [ROWS ...]   the hard rows of a pilot; default 60000 600000
        dotnet run -c Release --project bench/Muster.Bench -- kills [--kills N] [--rows N] [--seed N] [--lanes N] [--every-point]   SIGKILL of the executable, against a simulator with faults
        """);
    return 2;
}
