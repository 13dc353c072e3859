namespace Muster.Checks;

/// <summary>Finds out whether a folder can be written, or made, without leaving anything behind.</summary>
internal static class FolderProbe
{
    /// <summary>Null when a file can be made in the folder, or in the nearest one above that exists.</summary>
    public static string? WhyUnwritable(string folder)
    {
        var path = Path.GetFullPath(folder);
        while (!Directory.Exists(path))
        {
            if (File.Exists(path))
                return $"{path} is a file";
            if (Path.GetDirectoryName(path) is not { } above)
                return $"{path} does not exist";
            path = above;
        }

        try
        {
            var probe = Path.Combine(path, ".muster-probe");
            using (new FileStream(probe, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
            {
            }

            return null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return problem.Message;
        }
    }
}
