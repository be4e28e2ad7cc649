"""Indonesian and Malay."""

from digest.curate.cues.words import Words

WORDS = Words(
    opening="""
        dia ia mereka ini itu tetapi namun dan atau akan_tetapi juga lalu kemudian selain_itu sebaliknya karena_itu
        sementara_itu meski_begitu sebagai_gantinya ketika_ditanya asalkan hanya kecuali jika_tidak tidak_semua yang_lain
        keduanya sejauh_ini demikian
    """,
    denying="""
        bantah* membantah dibantah menyangkal menolak ditolak menampik palsu tidak_benar tidak_berdasar rekayasa bohong
        fitnah rumor kabar_burung tidak_ada_bukti bukti belum_dikonfirmasi konfirmasi* mengonfirmasi independen
        diverifikasi menarik_kembali mencabut ralat* maaf* tidak_bersalah dibebaskan kritik* mengkritik penentang ragu*
        meragukan skeptis memperingatkan peringat* hati-hati belum tidak_jelas berkomentar komentar diduga konon
        juru_bicara
    """,
    bounding="""
        jika kalau apabila asalkan dengan_syarat syarat* bergantung tergantung tanpa harus_dulu persetujuan menyetujui
        disetujui sebagai_imbalan sampai hingga kecuali pengecualian tidak_termasuk tidak_berlaku hanya cuma sementara
        sejauh_ini sampel tikus perkira* namun meski* walau* menurut mengklaim klaim sumber mengutip berasal dibayar
        didanai anonim setidaknya jawab* menjawab menanggapi tanggapan membela menjelaskan menegaskan pengacara agen
        menyalahkan tanggung_jawab banding ternyata sendiri memilih pemungutan memutuskan keputusan tidak_ada_hubungan
        angka_itu jumlah_itu berakhir batas_waktu
    """,
    guarding="""
        tidak tak bukan tiada kata ujar mengatakan menambahkan bisa harus masih perusahaan kementerian pakar ahli risiko
        masalah
    """,
)
