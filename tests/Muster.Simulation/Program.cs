using Muster.Simulation;
using Xunit.Runner.InProc.SystemConsole;

// Static state of the product's libraries is warm and shared; every seed has a world of its own.
return args.Any(arg => arg is "--seed" or "--seeds") ? Nightly.Run(args) : await ConsoleRunner.Run(args);
