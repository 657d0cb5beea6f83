import java.io.*;
import java.security.*;
import java.security.cert.Certificate;
import java.util.*;
import com.itextpdf.text.Rectangle;
import com.itextpdf.text.pdf.*;
import com.itextpdf.text.pdf.security.*;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** Signs a PDF with iText 5, in PAdES: in a field of the document (fourth argument), else visibly in one of its own. */
public class SignIText {
    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = new FileInputStream(args[2])) { store.load(in, "essai".toCharArray()); }
        String alias = store.aliases().nextElement();
        PrivateKey key = (PrivateKey) store.getKey(alias, "essai".toCharArray());
        Certificate[] chain = store.getCertificateChain(alias);
        try (OutputStream out = new FileOutputStream(args[1])) {
            PdfStamper stamper = PdfStamper.createSignature(new PdfReader(args[0]), out, '\0', null, true);
            PdfSignatureAppearance appearance = stamper.getSignatureAppearance();
            if (args.length > 3) appearance.setVisibleSignature(args[3]);
            else appearance.setVisibleSignature(new Rectangle(200, 12, 330, 40), 1, "Outil");
            Calendar date = Calendar.getInstance(TimeZone.getTimeZone("UTC"));
            date.setTimeInMillis(1792047600000L);
            appearance.setSignDate(date);
            MakeSignature.signDetached(appearance, new BouncyCastleDigest(),
                new PrivateKeySignature(key, DigestAlgorithms.SHA256, null), chain, null, null, null, 0,
                MakeSignature.CryptoStandard.CADES);
        }
    }
}
