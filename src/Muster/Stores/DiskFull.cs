using Microsoft.Data.Sqlite;

namespace Muster.Stores;

/// <summary>Tells a full disk from other trouble with files. Pure, but for one look at the folder's drive.</summary>
internal static class DiskFull
{
    // On Unix the error number itself, on Windows HRESULTs of ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL.
    private const int NoSpace = 28, FileTooBig = 27, QuotaLinux = 122, QuotaMac = 69;
    private const int WindowsDiskFull = unchecked((int)0x80070070), WindowsHandleDiskFull = unchecked((int)0x80070027);

    private const int SqliteFull = 13, SqliteIoError = 10;

    /// <summary>Below this an I/O error of the database is taken for a full disk: it cannot even grow its shared memory.</summary>
    private const long Tight = 64 << 10;

    /// <summary>The refusal to throw instead of <paramref name="problem"/>, or null when it is something else.</summary>
    public static DiskFullException? Of(Exception problem, string folder)
    {
        for (var cause = problem; cause is not null; cause = cause.InnerException)
        {
            if (cause is DiskFullException known)
                return known;
            if ((cause is IOException { HResult: var code } && IsFull(code))
                || (cause is SqliteException sqlite && (sqlite.SqliteErrorCode == SqliteFull || (sqlite.SqliteErrorCode == SqliteIoError && IsTight(folder)))))
                return new DiskFullException(folder, problem);
        }

        return null;
    }

    private static bool IsFull(int code) => OperatingSystem.IsWindows()
        ? code is WindowsDiskFull or WindowsHandleDiskFull
        : code is NoSpace or FileTooBig || code == (OperatingSystem.IsMacOS() ? QuotaMac : QuotaLinux);

    private static bool IsTight(string folder)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace < Tight;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A drive that cannot be asked is not known to be full; the error speaks for itself.
            return false;
        }
    }
}
