# ストアとメールでアカウントに知らせる内容。種類ごとに題名と本文。

gone-product = 現在は存在しない商品
order-paid-title = 注文 { $number } のお支払いが完了しました
order-paid-body = { $gifts ->
        [0] ありがとうございます。ご購入の商品はライブラリにあります。領収書はメールで届きます。
       *[other] ありがとうございます。ギフトはご指定の日時に送られます。領収書はメールで届きます。
    }
order-refunded-title = 注文 { $number } の返金
order-refunded-body = 注文 { $number } の { $amount } を返金しました。
download-ready-title = { $released ->
        [0] { $product } を入手しました
       *[other] { $product } が発売されました
    }
download-ready-body = { $released ->
        [0] { $product } はライブラリにあります。
       *[other] { $product } が発売されました。ライブラリからダウンロードできます。
    }
gift-received-title = ギフトが届きました
gift-received-body = ギフトがあなたを待っています。メールで届いたリンクから受け取ってください。
gift-claimed-title = ギフトが受け取られました
gift-claimed-body = 贈った商品は、受け取った方のライブラリにあります。
build-released-title = { $product }：バージョン { $version }
build-released-body = { $product } のバージョン { $version } をライブラリからダウンロードできます。
wishlist-price-drop-title = { $product } が値下がりしました
wishlist-price-drop-body = ほしい物リストの { $product } は、{ $before } から { $amount } になりました。
wishlist-release-title = { $product } が発売されました
wishlist-release-body = ほしい物リストの { $product } を入手できるようになりました。
wishlist-sale-ending-title = { $product } のセールはまもなく終了します
wishlist-sale-ending-body = ほしい物リストの { $product } は { $at } まで値下げ中です。
review-answered-title = { $product } のレビューに返信がありました
review-answered-body = { $product } について書かれた内容に、発行元が返信しました。
new-device-title = アカウントへの新しいサインイン
new-device-body = これまで使われたことのない端末からアカウントへのサインインがありました。心当たりがない場合は、すぐにパスワードを変更してください。
password-changed-title = パスワードが変更されました
password-changed-body = アカウントのパスワードが変更されました。心当たりがない場合は、「パスワードを忘れた場合」からリンクを取り寄せ、新しいパスワードを設定してください。
email-changed-title = メールアドレスが変更されました
email-changed-body = アカウントのメールアドレスが変更されました。心当たりがない場合は、すぐにサポートへご連絡ください。
second-factor-added-title = 第二要素が設定されました
second-factor-added-body = 今後、アカウントへのサインインには第二要素が必要です。心当たりがない場合は、すぐにパスワードを変更してください。
second-factor-removed-title = 第二要素が解除されました
second-factor-removed-body = アカウントへのサインインに第二要素は不要になりました。心当たりがない場合は、すぐにパスワードを変更してください。
recovery-code-used-title = リカバリーコードが使われました
recovery-code-used-body = リカバリーコードでアカウントへのサインインがありました。心当たりがない場合は、すぐにパスワードを変更してください。
passkey-added-title = パスキーが追加されました
passkey-added-body = 新しいパスキーでアカウントにサインインできます。心当たりがない場合は、それを削除し、すぐにパスワードを変更してください。
passkey-removed-title = パスキーが削除されました
passkey-removed-body = パスキーの一つではアカウントにサインインできなくなりました。心当たりがない場合は、すぐにパスワードを変更してください。
api-key-created-title = API キーが作成されました
api-key-created-body = 新しい API キーがアカウントとして操作できます。心当たりがない場合は、それを無効にし、すぐにパスワードを変更してください。
sign-in-linked-title = サインイン方法が連携されました
sign-in-linked-body = 別のプロバイダーを通じてアカウントにサインインできます。心当たりがない場合は、すぐにパスワードを変更してください。
token-reused-title = 安全のため端末をサインアウトしました
token-reused-body = 端末のサインイン状態を保つ秘密情報が、複製されたかのように二度使われました。その端末をサインアウトしました。
order-disputed-title = 注文 { $number } に異議が申し立てられました
order-disputed-body = 注文 { $number } の購入者が、決済事業者を通じて代金を取り戻しました。
payment-flagged-title = 確認が必要な支払いがあります
payment-flagged-body = { $orders ->
        [0] ストアの記録にない支払いが決済事業者から通知されました：{ $reason }
       *[other] 注文 { $number } について、決済事業者からの通知がストアの記録と一致しません：{ $reason }
    }
license-pool-low-title = { $product } のライセンスキーが残りわずかです
license-pool-low-body = { $product } のライセンスキーは残り { $available } 個です。
check-failed-title = ストアに異常があります
check-failed-body = 満たされていない条件が { $violations } 件あります。ログと「mist check」で確認できます。
review-reported-title = { $product } のレビューが報告されました
review-reported-body = { $product } のレビューが報告されました。ご判断をお待ちしています。
webhook-disabled-title = Webhook が無効になりました
webhook-disabled-body = { $reason ->
        [gone] { $host } のエンドポイントは廃止されたと応答しました。管理者が有効にするまで、通知は送られません。
       *[failing] { $host } のエンドポイントは何日も通知を受け取っていません。管理者が有効にするまで、通知は送られません。
    }
