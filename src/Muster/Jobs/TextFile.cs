using System.Text;

namespace Muster.Jobs;

/// <summary>Reads a small UTF-8 file whole; what is wrong with it is a fault at the place that names it.</summary>
internal static class TextFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text without a byte order mark, or null.</summary>
    public static string? Read(string path, int maxBytes, Place namedAt, string field, FaultList faults)
    {
        var bytes = ReadBytes(path, maxBytes, namedAt, field, faults);
        if (bytes is null)
        {
            return null;
        }

        try
        {
            return Strict.GetString(bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsSpan(3) : bytes);
        }
        catch (DecoderFallbackException fault)
        {
            var line = bytes.AsSpan(0, Math.Clamp(fault.Index, 0, bytes.Length)).Count((byte)'\n') + 1;
            faults.Add(new Place(namedAt.Line == 0 ? path : namedAt.File, namedAt.Line == 0 ? line : namedAt.Line, Math.Max(1, namedAt.Column)), field,
                $"{Excerpt.Quoted(path)} is not UTF-8: byte 0x{bytes[Math.Clamp(fault.Index, 0, bytes.Length - 1)]:X2} on line {line}", "Save the file as UTF-8.");
            return null;
        }
    }

    private static byte[]? ReadBytes(string path, int maxBytes, Place namedAt, string field, FaultList faults)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (file.Length <= maxBytes)
            {
                var bytes = new byte[file.Length];
                file.ReadExactly(bytes);
                return bytes;
            }

            faults.Add(namedAt, field, $"{Excerpt.Quoted(path)} has {file.Length:N0} bytes; at most {maxBytes:N0} are read", "Keep data in the source and long texts out of this file.");
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            faults.Add(namedAt, field, $"{Excerpt.Quoted(path)} does not exist", "Check the path; paths in a job file start from its own folder.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            faults.Add(namedAt, field, $"{Excerpt.Quoted(path)} cannot be read: {fault.Message}", "Check that it is a file and that you may read it.");
        }

        return null;
    }
}
