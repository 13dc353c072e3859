using System.Reflection;

namespace Muster.Guards.Tests;

public sealed class PublicApiTests
{
    [Theory]
    [InlineData(typeof(Runner), "eng/api/Muster.txt")]
    [InlineData(typeof(Simulator.SimulatedApi), "eng/api/Muster.Simulator.txt")]
    public void The_public_surface_is_the_approved_one(Type member, string approvedPath)
    {
        var path = Path.Combine(Repository.Root, approvedPath);
        var actual = ApiText.Of(member.Assembly);
        if (Environment.GetEnvironmentVariable("MUSTER_APPROVE") == "1")
            File.WriteAllText(path, actual);

        var approved = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.True(approved == actual, $"{approvedPath} differs; review the change, then approve it with MUSTER_APPROVE=1 ./test Muster.Guards.Tests\n{Difference(approved, actual)}");
    }

    private static string Difference(string approved, string actual)
    {
        string[] before = Contextual(approved), after = Contextual(actual);
        return string.Join('\n', before.Except(after).Select(line => "- " + line).Concat(after.Except(before).Select(line => "+ " + line)));
    }

    /// <summary>Each member with its type, so that the difference names both.</summary>
    private static string[] Contextual(string text)
    {
        var type = "";
        return [.. text.Split('\n').Where(line => line.Length > 0).Select(line => line[0] == ' ' ? $"{type}:{line[1..]}" : type = line)];
    }
}
