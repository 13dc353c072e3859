namespace Muster.Results;

/// <summary>A batch's result lines as the remote sent them, whole, in a file of ours: concatenated gzip members of whole lines.</summary>
/// <param name="File">File name inside the store's archive folder.</param>
/// <param name="Bytes">Length of the compressed file.</param>
/// <param name="Sha256">Of the compressed file, lower-case hex.</param>
/// <param name="Lines">Result lines in it.</param>
/// <param name="RawBytes">Length of the lines before compression.</param>
public sealed record Archive(string File, long Bytes, string Sha256, int Lines, long RawBytes);
