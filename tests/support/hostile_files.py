"""Files that nobody should send, made here; and plain ones."""

import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from PIL import Image, ImageDraw

from intercup.domain.attachment import FILE_MAX

SECRET = "Segretissima"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SCRIPT = b"<script>alert(1)</script>"


def picture(
    format_: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (64, 40), **more: Any
) -> bytes:
    """A small picture of a screen."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle((4, 4, 30, 12), fill="navy")
    output = BytesIO()
    image.convert(mode).save(output, format_, **more)
    return output.getvalue()


def with_place() -> bytes:
    """A telephone's photo, taken upright: its place, its owner and a thumbnail in EXIF."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x013B] = SECRET
    exif.get_ifd(0x8825).update({1: "N", 2: (38.0, 6.0, 56.0), 3: "E", 4: (13.0, 21.0, 41.0)})
    return picture("JPEG", exif=exif, comment=SECRET.encode(), icc_profile=SECRET.encode())


def png_text() -> bytes:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Author", SECRET)
    info.add_itxt("XML:com.adobe.xmp", SECRET)
    return picture(pnginfo=info)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def zeros(millions: int) -> bytes:
    """Very many zeros as zlib packs them; only the first million is packed."""
    million, packing, check = bytes(10**6), zlib.compressobj(9), 1
    block = packing.compress(million) + packing.flush(zlib.Z_FULL_FLUSH)
    for _ in range(millions):
        check = zlib.adler32(million, check)
    return block[:2] + block[2:] * millions + b"\x03\0" + struct.pack(">I", check)


def png_of(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG whose header tells a size, whatever follows."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IEND", b"")


def animated() -> bytes:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    output = BytesIO()
    frames[0].save(output, "PNG", save_all=True, append_images=frames[1:])
    return output.getvalue()


def zipped(name: str = "word/document.xml") -> bytes:
    output = BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr(name, SECRET)
    return output.getvalue()


def pdf(change: Callable[[pikepdf.Pdf], None] = lambda _: None, **more: Any) -> bytes:
    """A page, changed."""
    document = pikepdf.new()
    document.add_blank_page()
    change(document)
    output = BytesIO()
    document.save(output, **more)
    return output.getvalue()


def action(kind: str, **more: Any) -> Callable[[pikepdf.Pdf], None]:
    def change(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = Dictionary(S=Name(f"/{kind}"), **more)

    return change


def at_page(document: pikepdf.Pdf) -> None:
    run = Dictionary(S=Name.JavaScript, JS=document.make_stream(b"app.alert(1)"))
    document.pages[0].obj.AA = Dictionary(O=document.make_indirect(run))


def in_link(document: pikepdf.Pdf) -> None:
    run = Dictionary(S=Name.Launch, F=String("cmd.exe"))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=run)
    document.pages[0].obj.Annots = Array([document.make_indirect(link)])


def attached(document: pikepdf.Pdf) -> None:
    document.attachments["conto.exe"] = b"MZ"


def forms(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = Dictionary(Fields=[], XFA=document.make_stream(b"<xdp/>"))


def named_scripts(document: pikepdf.Pdf) -> None:
    run = Dictionary(S=Name.JavaScript, JS=String("1"))
    document.Root.Names = Dictionary(JavaScript=Dictionary(Names=[String("a"), run]))


def told(document: pikepdf.Pdf) -> None:
    document.docinfo["/Author"] = SECRET
    document.Root.Metadata = document.make_stream(SECRET.encode())
    exif = Image.Exif()
    exif[0x013B] = SECRET
    photo = picture("JPEG", exif=exif, comment=SECRET.encode())
    more = {"Type": Name.XObject, "Subtype": Name.Image, "Width": 64, "Height": 40}
    more |= {"ColorSpace": Name.DeviceRGB, "BitsPerComponent": 8, "Filter": Name.DCTDecode}
    image = pikepdf.Stream(document, photo, **more)
    image.Metadata = document.make_stream(SECRET.encode())
    page = document.pages[0].obj
    page.Resources = Dictionary(XObject=Dictionary(Photo=document.make_indirect(image)))
    page.PieceInfo = Dictionary(Maker=Dictionary(Private=String(SECRET)))
    page.Annots = Array([Dictionary(Subtype=Name.Text, Rect=[0, 0, 9, 9], T=String(SECRET))])


def contents(*layers: int, kind: Name = Name.FlateDecode) -> Callable[[pikepdf.Pdf], None]:
    """A page's contents that unpack to very many bytes, once or twice."""

    def change(document: pikepdf.Pdf) -> None:
        packed = zeros(layers[0])
        for _ in layers[1:]:
            packed = zlib.compress(packed, 9)
        filters = Array([kind] * len(layers))
        stream = pikepdf.Stream(document, packed, Filter=filters)
        document.pages[0].obj.Contents = document.make_indirect(stream)

    return change


RUN = action("JavaScript", JS=String("app.alert(1)"))
ESCAPED = pdf(RUN).replace(b"/JavaScript", b"/J#61va#53cript").replace(b"/JS", b"/#4a#53")
PACKED = {"object_stream_mode": pikepdf.ObjectStreamMode.generate}
RAW = {"stream_decode_level": pikepdf.StreamDecodeLevel.none, "compress_streams": False}
JPEG, PNG, PDF = picture("JPEG"), picture(), pdf()

# Name, content, and the key of the sentence that refuses it; "" if a clean file remains.
HOSTILE: tuple[tuple[str, bytes, str], ...] = (
    ("vuoto.png", b"", "empty"),
    ("grande.png", PNG + bytes(FILE_MAX), "large"),
    ("foto.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
    ("foto.jpg", b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "heic"),
    ("programma.png", b"MZ\x90\0" + bytes(60), "kind"),
    ("programma.pdf", b"\x7fELF" + bytes(60), "kind"),
    ("pagina.jpg", b"<!doctype html>" + SCRIPT, "kind"),
    ("disegno.png", b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT, "kind"),
    ("lettera.pdf", zipped(), "kind"),
    ("animata.png", picture("GIF"), "kind"),
    ("foto.png", picture("WEBP"), "kind"),
    ("foto.jpg", picture("TIFF"), "kind"),
    ("foto.png", picture("BMP"), "kind"),
    ("testo.pdf", b"ciao", "kind"),
    ("spazi.pdf", b"\n\n" + PDF, "kind"),
    ("virus.pdf", EICAR, "kind"),
    ("tronca.png", PNG[: len(PNG) // 2], "damaged"),
    ("tronca.jpg", JPEG[: len(JPEG) // 2], "damaged"),
    ("inizio.png", PNG[:8], "damaged"),
    ("inizio.jpg", JPEG[:3], "damaged"),
    ("crc.png", PNG.replace(b"IHDR\0", b"IHDR\1"), "damaged"),
    ("enorme.png", png_of(60_000, 60_000, chunk(b"IDAT", zlib.compress(bytes(99)))), "heavy"),
    ("larghissima.png", png_of(2**31 - 1, 1), "heavy"),
    ("zero.png", png_of(0, 9), "damaged"),
    ("testo.png", png_of(9, 9, chunk(b"zTXt", b"a\0\0" + zeros(100))), "damaged"),
    ("enorme.jpg", JPEG.replace(b"\0\x28\0\x40", b"\xff\xff\xff\xff"), "heavy"),
    ("script.pdf", pdf(RUN), "active"),
    ("nomi.pdf", pdf(named_scripts), "active"),
    ("nascosto.pdf", pdf(RUN, **PACKED), "active"),
    ("nascosto.pdf", pdf(at_page, **PACKED), "active"),
    ("scritto.pdf", ESCAPED, "active"),
    ("avvia.pdf", pdf(action("Launch", F=String("cmd.exe"))), "active"),
    ("collegamento.pdf", pdf(in_link), "active"),
    ("allegato.pdf", pdf(attached), "active"),
    ("allegato.pdf", pdf(attached, **PACKED), "active"),
    ("manda.pdf", pdf(action("SubmitForm", F=String("http://example.org"))), "active"),
    ("xfa.pdf", pdf(forms), "active"),
    ("cifrato.pdf", pdf(encryption=pikepdf.Encryption(owner="a", user="b")), "encrypted"),
    ("cifrato.pdf", pdf(encryption=pikepdf.Encryption(owner="a", user="")), "encrypted"),
    ("tronco.pdf", PDF[:60], "damaged"),
    ("solo.pdf", b"%PDF-1.7\n", "damaged"),
    ("bomba.pdf", pdf(contents(300), **RAW), "heavy"),
    ("bomba.pdf", pdf(contents(1, 0), **RAW), "heavy"),
    # From here on a clean file remains.
    ("foto.jpg", with_place(), ""),
    ("autore.png", png_text(), ""),
    ("autore.pdf", pdf(told), ""),
    ("stampa.jpg", picture("JPEG", "CMYK"), ""),
    ("colori.png", picture(mode="P"), ""),
    ("grigia.jpg", picture("JPEG", "L"), ""),
    ("animata.png", animated(), ""),
    ("coda.png", PNG + zipped(SECRET), ""),
    ("coda.jpg", JPEG + SCRIPT + SECRET.encode(), ""),
    ("coda.pdf", PDF + zipped(SECRET), ""),
    ("due.pdf", PDF + PNG + SECRET.encode(), ""),
    ("script.jpg.php", JPEG, ""),
    ("..\\..\\\u202egnp\n.exe", PNG, ""),
)
