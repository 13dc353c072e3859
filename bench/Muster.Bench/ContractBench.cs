using System.Text;
using Muster.Contracts;

namespace Muster.Bench;

/// <summary>How many small outputs one core validates in a second.</summary>
internal static class ContractBench
{
    private const int Rounds = 5;
    private const int Checks = 500_000;

    public static int Run()
    {
        var categories = string.Join(",", Enumerable.Range(0, 40).Select(i => $"\"Category {i}\""));
        var contract = Contract.Compile(
            $$$"""
            {"type":"object","additionalProperties":false,"required":["category","features","summary"],"properties":{
              "category":{"enum":[{{{categories}}},null]},
              "features":{"type":"array","items":{"type":"string"},"maxItems":5},
              "summary":{"type":"string","maxLength":119}
            }}
            """, "bench");
        var outputs = Enumerable.Range(0, 64).Select(i => Encoding.UTF8.GetBytes(
            $$$"""{"category":"Category {{{i % 40}}}","features":["light sole","size {{{i}}}"],"summary":"Running shoes with a light sole, number {{{i}}}, for daily use."}"""))
            .ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            var watch = TimeProvider.System.GetTimestamp();
            var valid = 0;
            for (var i = 0; i < Checks; i++)
                valid += contract.Check(outputs[i & 63]).IsValid ? 1 : 0;
            var elapsed = TimeProvider.System.GetElapsedTime(watch);
            Console.WriteLine($"{Checks / elapsed.TotalSeconds:F0} outputs of about {outputs[0].Length} bytes per second, {valid} valid");
        }

        return 0;
    }
}
