namespace Muster.Reports.Charts;

/// <param name="Title">What is drawn.</param>
/// <param name="Description">What it shows, with its numbers: for those who hear it.</param>
internal sealed record ChartName(string Title, string Description);

/// <summary>A drawing at any width: the same numbers on a page and on a phone.</summary>
internal interface IChart
{
    ChartName Name { get; }

    /// <param name="id">Unique in the page.</param>
    /// <param name="style">A class of the whole drawing.</param>
    /// <param name="width">In CSS pixels.</param>
    string Draw(string id, string style, double width);
}
