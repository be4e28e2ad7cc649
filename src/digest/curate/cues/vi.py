"""Vietnamese."""

from digest.curate.cues.words import Words

WORDS = Words(
    opening="""
        ông bà anh_ấy cô_ấy họ nó điều_này điều_đó việc_này đó đây nhưng và hoặc song tuy_nhiên tuy_vậy ngoài_ra do_đó
        vì_vậy sau_đó đồng_thời ngược_lại trái_lại đổi_lại đáp_lại miễn_là chỉ trừ nếu_không không_phải_ai những_người_khác
        cả_hai đến_nay như_vậy
    """,
    denying="""
        phủ_nhận bác_bỏ bác phản_bác sai_sự_thật không_đúng không_có_căn_cứ vô_căn_cứ bịa_đặt bịa tin_đồn vu_khống
        bằng_chứng chưa_xác_nhận xác_nhận xác_minh kiểm_chứng độc_lập rút_lại đính_chính xin_lỗi vô_tội trắng_án chỉ_trích
        phản_đối nghi_ngờ hoài_nghi cảnh_báo thận_trọng chưa_rõ chưa bình_luận cáo_buộc được_cho_là người_phát_ngôn
    """,
    bounding="""
        nếu với_điều_kiện điều_kiện tùy phụ_thuộc nếu_không phê_duyệt chấp_thuận đồng_ý đổi_lại cho_đến trừ ngoại_trừ
        ngoại_lệ không_bao_gồm không_áp_dụng chỉ mới_chỉ tạm_thời sơ_bộ đến_nay cho_đến_nay hạn_chế mẫu chuột ước_tính
        tuy_nhiên mặc_dù dù theo tuyên_bố nguồn_tin dẫn_lời trích xuất_phát chi_trả tài_trợ ẩn_danh giấu_tên ít_nhất
        trả_lời đáp phản_hồi bảo_vệ giải_thích nhấn_mạnh khẳng_định luật_sư người_đại_diện đổ_lỗi trách_nhiệm kháng_cáo
        hóa_ra bỏ_phiếu quyết_định không_liên_quan con_số hết_hạn kết_thúc
    """,
    guarding="""
        không chẳng chưa ai nói cho_biết cho_hay thêm có_thể phải vẫn công_ty bộ chuyên_gia rủi_ro vấn_đề
    """,
)
