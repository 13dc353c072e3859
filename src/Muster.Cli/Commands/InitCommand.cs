using System.CommandLine;
using Muster.Jobs;

namespace Muster.Cli.Commands;

/// <summary>Writes a job to start from: job file, contract and a small source.</summary>
internal static class InitCommand
{
    public static Command Create(Terminal terminal)
    {
        var folder = new Argument<string>("folder") { Description = "Where to write; made when missing. Default: here.", DefaultValueFactory = _ => "." };
        var name = new Option<string>("--name") { Description = "The job's name, 1 to 40 of a-z, 0-9 and -.", HelpName = "NAME", DefaultValueFactory = _ => "catalog" };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace files that are there already." };
        var json = Shared.Json();
        var command = new ExampledCommand("init", "Write a job to start from: job file, contract and a small source.",
            "muster init", "muster init tags --name product-tags")
        {
            folder, name, overwrite, json,
        };
        command.SetAction(parsed =>
        {
            var files = JobStarter.Write(parsed.GetValue(folder)!, parsed.GetValue(name)!, parsed.GetValue(overwrite));
            var job = Path.GetRelativePath(Environment.CurrentDirectory, files[0]);
            string[] next = [$"muster check {job}", $"muster pilot {job}"];
            if (parsed.GetValue(json))
            {
                terminal.Json("muster.init/1", new { files, next });
                return ExitCodes.Ok;
            }

            terminal.Lines(files.Select(file => $"wrote {Path.GetRelativePath(Environment.CurrentDirectory, file)}"));
            terminal.Say("To run it without a key: `muster simulate` in another terminal, and here the `export` lines that it prints.");
            foreach (var line in next)
                terminal.Next(line);
            return ExitCodes.Ok;
        });
        return command;
    }
}
