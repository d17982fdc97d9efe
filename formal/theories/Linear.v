(** * Linear algebra over an integral domain, with vectors as functions on finitely many indices

    Proved here, for every integral domain D (used for R and for R[[t]]):
    - [dependent]: more vectors than indices satisfy a nontrivial linear relation;
    - [wedges_lindep]: vectors whose exterior product is not zero are linearly independent;
    - [contract_tri]: the exterior product of a matrix that is triangular modulo an ideal is, after contraction with the
      pivots' columns, the product of the pivots modulo that ideal. *)
From Coq Require Import List ZArith Lia Bool Ring Classical.
Import ListNotations.

Section Domain.
Variable D : Type.
Variables (zero one : D) (add mul sub : D -> D -> D) (opp : D -> D).
Hypothesis RT : ring_theory zero one add mul sub opp (@eq D).
Hypothesis integral : forall a b, mul a b = zero -> a = zero \/ b = zero.
Hypothesis one_neq : one <> zero.
Add Ring DRing : RT.
Local Notation "0" := zero.
Local Notation "1" := one.
Local Infix "+" := add.
Local Infix "*" := mul.
Local Infix "-" := sub.

Definition dvec := positive -> D.

(** the linear combination of vectors, entry by entry *)
Fixpoint lcomb (gs : list D) (rows : list dvec) (i : positive) : D :=
  match gs, rows with
  | g :: gs', r :: rows' => g * r i + lcomb gs' rows' i
  | _, _ => 0
  end.
Definition lindep (I : list positive) (rows : list dvec) : Prop :=
  forall gs, length gs = length rows -> (forall i, In i I -> lcomb gs rows i = 0) -> Forall (fun g => g = 0) gs.

Lemma lcomb_app g1 r1 g2 r2 i : length g1 = length r1 ->
  lcomb (g1 ++ g2) (r1 ++ r2) i = lcomb g1 r1 i + lcomb g2 r2 i.
Proof.
  revert r1; induction g1 as [|g g1 IH]; intros [|r r1] L; try easy; cbn [lcomb app]; [ring|].
  rewrite IH by (simpl in L; lia). ring.
Qed.
Lemma lcomb_scal c gs rows i : lcomb (map (mul c) gs) rows i = c * lcomb gs rows i.
Proof. revert rows; induction gs as [|g gs IH]; intros [|r rows]; cbn [lcomb map]; try ring; rewrite IH; ring. Qed.
Lemma lcomb_zero gs rows i : Forall (fun g => g = 0) gs -> lcomb gs rows i = 0.
Proof.
  revert rows; induction gs as [|g gs IH]; intros [|r rows] H; cbn [lcomb]; try ring.
  inversion H; subst. rewrite IH by auto. ring.
Qed.
Lemma lcomb_sum_step p j gs rows i :
  lcomb gs (map (fun r k => p j * r k - r j * p k) rows) i = p j * lcomb gs rows i - lcomb gs rows j * p i.
Proof. revert rows; induction gs as [|g gs IH]; intros [|r rows]; cbn [lcomb map]; try ring; rewrite IH; ring. Qed.
Lemma lcomb_vanish gs rows i : (forall r, In r rows -> r i = 0) -> lcomb gs rows i = 0.
Proof.
  revert rows; induction gs as [|g gs IH]; intros [|r rows] H; cbn [lcomb]; try ring.
  rewrite H by (simpl; auto). rewrite IH; [ring|]. intros; apply H; simpl; auto.
Qed.
Lemma lcomb_ext gs rows rows' i : map (fun r => r i) rows = map (fun r => r i) rows' -> lcomb gs rows i = lcomb gs rows' i.
Proof.
  revert rows rows'; induction gs as [|g gs IH]; intros [|r rows] [|r' rows'] H; try easy; cbn [lcomb].
  injection H as E H. now rewrite E, (IH rows rows').
Qed.

Theorem dependent (J : list positive) : forall rows : list dvec, (length J < length rows)%nat ->
  exists gs, length gs = length rows /\ ~ Forall (fun g => g = 0) gs /\ forall i, In i J -> lcomb gs rows i = 0.
Proof.
  induction J as [|j J IH]; intros rows HL.
  - exists (map (fun _ => 1) rows). rewrite map_length. split; [easy|]. split; [|intros i []].
    destruct rows; [simpl in HL; lia|]. intros H. inversion H. now apply one_neq.
  - destruct (classic (exists p, In p rows /\ p j <> 0)) as [(p & Hp & Hj)|N].
    + apply in_split in Hp as (l1 & l2 & ->).
      destruct (IH (map (fun r k => p j * r k - r j * p k) (l1 ++ l2))) as (hs & Lh & Nh & Ch).
      { rewrite map_length. rewrite app_length in *. simpl in HL. lia. }
      rewrite map_length in Lh.
      set (h1 := firstn (length l1) hs). set (h2 := skipn (length l1) hs).
      assert (Eh : hs = h1 ++ h2) by (symmetry; apply firstn_skipn).
      assert (L1 : length h1 = length l1) by (unfold h1; rewrite firstn_length; rewrite app_length in Lh; lia).
      assert (L2 : length h2 = length l2) by (unfold h2; rewrite skipn_length; rewrite app_length in Lh; lia).
      clearbody h1 h2. exists (map (mul (p j)) h1 ++ opp (lcomb hs (l1 ++ l2) j) :: map (mul (p j)) h2).
      split; [|split].
      * rewrite !app_length. simpl. rewrite !map_length. lia.
      * intros H. apply Nh. rewrite Eh. apply Forall_app in H as [H1 H2]. inversion H2 as [|? ? _ H3]; subst.
        assert (X : forall l, Forall (fun g => g = 0) (map (mul (p j)) l) -> Forall (fun g => g = 0) l).
        { clear -integral Hj. intros l H.  rewrite Forall_map in H. eapply Forall_impl; [|exact H]. simpl. intros a Ha.
          destruct (integral _ _ Ha); [now destruct Hj|easy]. }
        apply Forall_app; split; apply X; assumption.
      * intros i Hi. rewrite lcomb_app by now rewrite map_length. cbn [lcomb]. rewrite !lcomb_scal.
        assert (E : forall k, lcomb hs (l1 ++ l2) k = lcomb h1 l1 k + lcomb h2 l2 k) by (intros; rewrite Eh; now apply lcomb_app).
        destruct Hi as [<-|Hi].
        -- rewrite E. ring.
        -- specialize (Ch i Hi). rewrite lcomb_sum_step in Ch. rewrite <- Ch, (E i). ring.
    + destruct (IH rows) as (gs & L & Ng & Cg); [simpl in HL; lia|].
      exists gs. split; [easy|]. split; [easy|]. intros i [<-|Hi]; [|now apply Cg].
      apply lcomb_vanish. intros r Hr. apply NNPP. intros X. apply N. now exists r.
Qed.

(** independent vectors are at most as many as indices *)
Corollary lindep_le J rows : lindep J rows -> (length rows <= length J)%nat.
Proof.
  intros H. destruct (Compare_dec.le_lt_dec (length rows) (length J)) as [L|L]; [easy|].
  destruct (dependent J rows L) as (gs & Lg & Ng & Cg). exfalso. apply Ng. now apply H.
Qed.
Lemma lindep_incl J J' rows : incl J J' -> lindep J rows -> lindep J' rows.
Proof. intros I H gs L C. apply H; auto. Qed.
Lemma lindep_ext J rows rows' : length rows = length rows' ->
  (forall i, In i J -> map (fun r => r i) rows = map (fun r => r i) rows') -> lindep J rows -> lindep J rows'.
Proof.
  intros L E H gs Lg C. apply H; [rewrite Lg; now symmetry|]. intros i Hi. etransitivity; [|exact (C i Hi)]. apply lcomb_ext, E, Hi.
Qed.
Lemma lindep_tail J r rows : lindep J (r :: rows) -> lindep J rows.
Proof.
  intros H gs L C. assert (X : Forall (fun g => g = 0) (0 :: gs)).
  { apply H; [simpl; lia|]. intros i Hi. cbn [lcomb]. rewrite C by auto. ring. }
  now inversion X.
Qed.
(** one step of elimination: a pivot in a column where all others vanish *)
Lemma lindep_pivot J r rows c : In c J -> r c <> 0 -> (forall w, In w rows -> w c = 0) -> lindep J rows -> lindep J (r :: rows).
Proof.
  intros Hc Hr Hw H [|g gs] L C; [easy|]. assert (Eg : g = 0).
  { specialize (C c Hc). cbn [lcomb] in C. rewrite lcomb_vanish in C by auto.
    destruct (integral g (r c)) as [E|E]; [rewrite <- C; ring|easy|easy]. }
  constructor; [easy|]. apply H; [simpl in L; lia|]. intros i Hi. specialize (C i Hi). cbn [lcomb] in C. rewrite Eg in C.
  rewrite <- C. ring.
Qed.

(** ** Exterior algebra on the indices of a list: a + e_i b, one level for each index *)
Fixpoint ext (I : list positive) : Type := match I with [] => D | _ :: I' => (ext I' * ext I')%type end.
Fixpoint ezero I : ext I := match I with [] => 0 | _ :: I' => (ezero I', ezero I') end.
Fixpoint eunit I : ext I := match I with [] => 1 | _ :: I' => (eunit I', ezero I') end.
Fixpoint eadd I : ext I -> ext I -> ext I :=
  match I with [] => add | _ :: I' => fun x y => (eadd I' (fst x) (fst y), eadd I' (snd x) (snd y)) end.
Fixpoint escal (c : D) I : ext I -> ext I :=
  match I with [] => mul c | _ :: I' => fun x => (escal c I' (fst x), escal c I' (snd x)) end.
Definition eneg I (x : ext I) := escal (opp 1) I x.
Fixpoint wedge (v : dvec) I : ext I -> ext I :=
  match I with
  | [] => fun _ => 0
  | i :: I' => fun x => (wedge v I' (fst x), eadd I' (escal (v i) I' (fst x)) (eneg I' (wedge v I' (snd x))))
  end.
Fixpoint contract (c : positive) I : ext I -> ext I :=
  match I with
  | [] => fun _ => 0
  | i :: I' => fun x => if Pos.eqb i c then (snd x, ezero I') else (contract c I' (fst x), eneg I' (contract c I' (snd x)))
  end.

(** [eqs]: an equation in [ext I] holds when it holds entry by entry *)
Ltac ext_induction I := induction I as [|? I ?]; cbn [ext ezero eunit eadd escal eneg wedge contract fst snd] in *; intros;
  repeat match goal with x : (_ * _)%type |- _ => destruct x end; cbn [fst snd]; unfold eneg; try ring; try (f_equal; auto).
Lemma eadd_comm I (x y : ext I) : eadd I x y = eadd I y x.
Proof. revert x y; ext_induction I. Qed.
Lemma eadd_assoc I (x y z : ext I) : eadd I x (eadd I y z) = eadd I (eadd I x y) z.
Proof. revert x y z; ext_induction I. Qed.
Lemma eadd_zero I (x : ext I) : eadd I (ezero I) x = x.
Proof. revert x; ext_induction I. Qed.
Lemma eadd_zero_r I (x : ext I) : eadd I x (ezero I) = x.
Proof. rewrite eadd_comm. apply eadd_zero. Qed.
Lemma escal_add c I (x y : ext I) : escal c I (eadd I x y) = eadd I (escal c I x) (escal c I y).
Proof. revert x y; ext_induction I. Qed.
Lemma escal_plus c d I (x : ext I) : escal (c + d) I x = eadd I (escal c I x) (escal d I x).
Proof. revert x; ext_induction I. Qed.
Lemma escal_mul c d I (x : ext I) : escal (c * d) I x = escal c I (escal d I x).
Proof. revert x; ext_induction I. Qed.
Lemma escal_one I (x : ext I) : escal 1 I x = x.
Proof. revert x; ext_induction I. Qed.
Lemma escal_zero I (x : ext I) : escal 0 I x = ezero I.
Proof. revert x; ext_induction I. Qed.
Lemma escal_ezero c I : escal c I (ezero I) = ezero I.
Proof. ext_induction I. Qed.
Lemma escal_comm c d I (x : ext I) : escal c I (escal d I x) = escal d I (escal c I x).
Proof. rewrite <- !escal_mul. f_equal. ring. Qed.
Lemma eneg_cancel I (x : ext I) : eadd I x (eneg I x) = ezero I.
Proof. unfold eneg. rewrite <- (escal_one I x) at 1. rewrite <- escal_plus. replace (1 + opp 1) with 0 by ring. apply escal_zero. Qed.
Lemma eadd_swap I (a b c d : ext I) : eadd I (eadd I a b) (eadd I c d) = eadd I (eadd I a c) (eadd I b d).
Proof. rewrite <- !eadd_assoc. f_equal. rewrite !eadd_assoc. f_equal. apply eadd_comm. Qed.

Lemma wedge_add v I (x y : ext I) : wedge v I (eadd I x y) = eadd I (wedge v I x) (wedge v I y).
Proof.
  revert x y; induction I as [|i I IH]; cbn; intros; [ring|]. destruct x, y; cbn. rewrite !IH. f_equal.
  unfold eneg. rewrite !escal_add. apply eadd_swap.
Qed.
Lemma wedge_scal v c I (x : ext I) : wedge v I (escal c I x) = escal c I (wedge v I x).
Proof.
  revert x; induction I as [|i I IH]; cbn; intros; [ring|]. destruct x; cbn. rewrite !IH. f_equal.
  unfold eneg. rewrite escal_add. rewrite (escal_comm (v i)), (escal_comm (opp 1)). reflexivity.
Qed.
Lemma wedge_zero v I : wedge v I (ezero I) = ezero I.
Proof. rewrite <- (escal_zero I (ezero I)), wedge_scal, !escal_zero. reflexivity. Qed.
Lemma wedge_lin v w c I (x : ext I) : wedge (fun i => c * v i + w i) I x = eadd I (escal c I (wedge v I x)) (wedge w I x).
Proof.
  revert x; induction I as [|i I IH]; cbn; intros; [ring|]. destruct x as [a b]; cbn. rewrite !IH. f_equal.
  unfold eneg. rewrite !escal_plus, !escal_add, !escal_mul. rewrite (escal_comm c (opp 1)). apply eadd_swap.
Qed.
Lemma wedge_ext v w I (x : ext I) : (forall i, In i I -> v i = w i) -> wedge v I x = wedge w I x.
Proof.
  revert x; induction I as [|i I IH]; cbn; intros; [easy|]. rewrite !IH by auto. rewrite H by auto. reflexivity.
Qed.
Lemma wedge_wedge v I (x : ext I) : wedge v I (wedge v I x) = ezero I.
Proof.
  revert x; induction I as [|i I IH]; cbn; intros; [easy|]. destruct x as [a b]; cbn. rewrite IH. f_equal.
  rewrite wedge_add. unfold eneg. rewrite !wedge_scal, IH, escal_ezero, eadd_zero_r. apply eneg_cancel.
Qed.
Lemma eadd_neg_unique I (x y : ext I) : eadd I x y = ezero I -> x = eneg I y.
Proof.
  intros H. rewrite <- (eadd_zero_r I x), <- (eneg_cancel I y), eadd_assoc, H, eadd_zero. reflexivity.
Qed.
Lemma wedge_anti v w I (x : ext I) : wedge v I (wedge w I x) = eneg I (wedge w I (wedge v I x)).
Proof.
  apply eadd_neg_unique.
  assert (E : wedge (fun i => 1 * v i + w i) I (wedge (fun i => 1 * v i + w i) I x) = ezero I) by apply wedge_wedge.
  rewrite !wedge_lin, !escal_one, !wedge_add, !wedge_wedge, eadd_zero, eadd_zero_r in E. exact E.
Qed.

Definition wedges (rows : list dvec) I : ext I := fold_right (fun v x => wedge v I x) (eunit I) rows.
Lemma wedges_mem r rows I : In r rows -> wedge r I (wedges rows I) = ezero I.
Proof.
  induction rows as [|p rows IH]; simpl; [easy|]. intros [->|H]; [apply wedge_wedge|].
  rewrite wedge_anti. fold (wedges rows I). rewrite (IH H), wedge_zero. unfold eneg. apply escal_ezero.
Qed.
Lemma wedge_null I (x : ext I) : wedge (fun _ => 0) I x = ezero I.
Proof.
  revert x; induction I as [|i I IH]; cbn; intros; [easy|]. rewrite !IH. unfold eneg. now rewrite escal_zero, escal_ezero, eadd_zero.
Qed.
Lemma wedge_lcomb gs rows I (x : ext I) : (forall r, In r rows -> wedge r I x = ezero I) -> wedge (lcomb gs rows) I x = ezero I.
Proof.
  revert rows; induction gs as [|g gs IH]; intros [|r rows] H; try exact (wedge_null I x).
  rewrite (wedge_ext _ (fun i => g * r i + lcomb gs rows i) I x) by (intros; reflexivity).
  rewrite wedge_lin, (H r) by (simpl; auto). rewrite IH by (intros; apply H; simpl; auto). rewrite escal_ezero. apply eadd_zero.
Qed.
Lemma escal_integral c I (x : ext I) : escal c I x = ezero I -> c = 0 \/ x = ezero I.
Proof.
  revert x; induction I as [|i I IH]; cbn; intros; [now apply integral|]. destruct x as [a b]; cbn in *.
  injection H as H1 H2. destruct (IH _ H1); [auto|]. destruct (IH _ H2); [auto|]. right. congruence.
Qed.
Theorem wedges_lindep I rows : wedges rows I <> ezero I -> lindep I rows.
Proof.
  induction rows as [|r rows IH]; intros H gs L C; destruct gs as [|g gs]; try easy.
  cbn [wedges fold_right] in H. fold (wedges rows I) in H.
  assert (E : escal g I (wedge r I (wedges rows I)) = ezero I).
  { assert (Z : wedge (fun i => g * r i + lcomb gs rows i) I (wedges rows I) = ezero I).
    { rewrite (wedge_ext _ (lcomb [] []) I) by (intros i Hi; exact (C i Hi)). now apply wedge_lcomb. }
    rewrite wedge_lin, (wedge_lcomb gs rows), eadd_zero_r in Z by (intros; now apply wedges_mem). exact Z. }
  assert (Eg : g = 0) by (destruct (escal_integral _ _ _ E); [easy|now destruct H]).
  constructor; [easy|]. apply IH.
  - intros Z. apply H. now rewrite Z, wedge_zero.
  - simpl in L; lia.
  - intros i Hi. specialize (C i Hi). cbn [lcomb] in C. rewrite Eg in C. rewrite <- C. ring.
Qed.

Lemma contract_add c I (x y : ext I) : contract c I (eadd I x y) = eadd I (contract c I x) (contract c I y).
Proof.
  revert x y; induction I as [|i I IH]; cbn; intros; [ring|]. destruct x, y; cbn. destruct (Pos.eqb i c).
  - now rewrite eadd_zero.
  - cbn. rewrite !IH. unfold eneg. now rewrite escal_add.
Qed.
Lemma contract_scal c d I (x : ext I) : contract c I (escal d I x) = escal d I (contract c I x).
Proof.
  revert x; induction I as [|i I IH]; cbn; intros; [ring|]. destruct x; cbn. destruct (Pos.eqb i c); cbn.
  - now rewrite escal_ezero.
  - rewrite !IH. unfold eneg. f_equal. apply escal_comm.
Qed.
Lemma contract_wedge c v I (x : ext I) : In c I ->
  contract c I (wedge v I x) = eadd I (escal (v c) I x) (eneg I (wedge v I (contract c I x))).
Proof.
  revert x; induction I as [|i I IH]; cbn; intros x Hc; [easy|]. destruct x as [a b]; cbn.
  destruct (Pos.eqb_spec i c) as [->|N]; cbn.
  - unfold eneg; cbn. rewrite wedge_zero, escal_ezero, eadd_zero_r. f_equal.
    fold (eneg I (escal (v c) I b)). now rewrite eneg_cancel.
  - destruct Hc as [E|Hc]; [congruence|]. rewrite IH by auto. f_equal.
    unfold eneg; cbn. rewrite contract_add, !contract_scal, IH, wedge_scal by auto. unfold eneg.
    generalize (escal (v i) I (contract c I a)) (escal (v c) I b) (wedge v I (contract c I b)). intros P Q R.
    rewrite !escal_add, <- !escal_mul. replace (opp 1 * opp 1) with 1 by ring. rewrite escal_one.
    rewrite !eadd_assoc. f_equal; try apply eadd_comm; f_equal; ring.
Qed.

(** ** Matrices that are triangular modulo an ideal *)
Variables (sub_ring ideal : D -> Prop).
Hypothesis S0 : sub_ring 0.
Hypothesis S1 : sub_ring 1.
Hypothesis Sadd : forall a b, sub_ring a -> sub_ring b -> sub_ring (a + b).
Hypothesis Smul : forall a b, sub_ring a -> sub_ring b -> sub_ring (a * b).
Hypothesis Sopp : forall a, sub_ring a -> sub_ring (opp a).
Hypothesis I0 : ideal 0.
Hypothesis Iadd : forall a b, ideal a -> ideal b -> ideal (a + b).
Hypothesis Imul : forall a b, sub_ring a -> ideal b -> ideal (a * b).
Fixpoint eall (P : D -> Prop) I : ext I -> Prop := match I with [] => P | _ :: I' => fun x => eall P I' (fst x) /\ eall P I' (snd x) end.
Lemma eall_zero (P : D -> Prop) I : P 0 -> eall P I (ezero I).
Proof. intros H; induction I; cbn; auto. Qed.
Lemma eall_unit (P : D -> Prop) I : P 0 -> P 1 -> eall P I (eunit I).
Proof. intros; induction I; cbn; auto using eall_zero. Qed.
Lemma eall_add (P : D -> Prop) I (x y : ext I) : (forall a b, P a -> P b -> P (a + b)) -> eall P I x -> eall P I y -> eall P I (eadd I x y).
Proof. intros H; revert x y; induction I; cbn; intros; auto. intuition. Qed.
Lemma eall_scal (P Q : D -> Prop) c I (x : ext I) : (forall a, P a -> Q (c * a)) -> eall P I x -> eall Q I (escal c I x).
Proof. intros H; revert x; induction I; cbn; intros; auto. intuition. Qed.
Lemma Sneg1 : sub_ring (opp 1). Proof. auto. Qed.
Lemma eall_neg (P : D -> Prop) I (x : ext I) : (forall a b, sub_ring a -> P b -> P (a * b)) -> eall P I x -> eall P I (eneg I x).
Proof. intros H. apply eall_scal. intros a. apply H, Sneg1. Qed.
Lemma eall_wedge (P : D -> Prop) v I (x : ext I) : P 0 -> (forall a b, P a -> P b -> P (a + b)) -> (forall a b, sub_ring a -> P b -> P (a * b)) ->
  (forall i, In i I -> sub_ring (v i)) -> eall P I x -> eall P I (wedge v I x).
Proof.
  intros P0 Pa Pm; revert x; induction I as [|i I IH]; cbn; intros x Hv Hx; [exact P0|]. destruct Hx as [H1 H2]. split; [apply IH; auto|].
  apply eall_add; auto.
  - apply (eall_scal P); auto.
  - apply eall_neg; auto.
Qed.
Lemma eall_contract (P : D -> Prop) c I (x : ext I) : P 0 -> (forall a b, sub_ring a -> P b -> P (a * b)) -> eall P I x -> eall P I (contract c I x).
Proof.
  intros P0 Pm; revert x; induction I as [|i I IH]; cbn; intros x Hx; [exact P0|]. destruct Hx as [H1 H2].
  destruct (Pos.eqb i c); cbn; split; auto using eall_zero, eall_neg.
Qed.

(** row by row: entries in the subring; the pivot's column of every later row in the ideal *)
Inductive tri (I : list positive) : list dvec -> list positive -> Prop :=
| tri_nil : tri I [] []
| tri_cons p ps c cs : In c I -> (forall i, In i I -> sub_ring (p i)) -> (forall q, In q ps -> ideal (q c)) ->
    tri I ps cs -> tri I (p :: ps) (c :: cs).
Fixpoint pivots (ps : list dvec) (cs : list positive) : D :=
  match ps, cs with p :: ps', c :: cs' => p c * pivots ps' cs' | _, _ => 1 end.
Fixpoint contracts (cs : list positive) I (x : ext I) : ext I := match cs with [] => x | c :: cs' => contracts cs' I (contract c I x) end.

Lemma tri_sub I ps cs : tri I ps cs -> (forall p, In p ps -> forall i, In i I -> sub_ring (p i)).
Proof. induction 1; intros q Hq; [easy|]. destruct Hq as [<-|Hq]; auto. Qed.
Lemma wedges_sub I ps : (forall p, In p ps -> forall i, In i I -> sub_ring (p i)) -> eall sub_ring I (wedges ps I).
Proof.
  induction ps as [|p ps IH]; intros H; cbn [wedges fold_right].
  - apply eall_unit; auto.
  - apply eall_wedge; auto; [apply H; simpl; auto|]. apply IH. intros; apply H; simpl; auto.
Qed.
Lemma contract_unit c I : contract c I (eunit I) = ezero I.
Proof.
  induction I as [|i I IH]; cbn; [easy|]. destruct (Pos.eqb i c); [easy|]. rewrite IH. f_equal.
  unfold eneg. assert (Z : contract c I (ezero I) = ezero I).
  { rewrite <- (escal_zero I (ezero I)) at 1. rewrite contract_scal. apply escal_zero. }
  now rewrite Z, escal_ezero.
Qed.
Lemma contract_ideal I c ps : In c I -> (forall p, In p ps -> forall i, In i I -> sub_ring (p i)) -> (forall q, In q ps -> ideal (q c)) ->
  eall ideal I (contract c I (wedges ps I)).
Proof.
  intros Hc; induction ps as [|p ps IH]; intros H J; cbn [wedges fold_right].
  - rewrite contract_unit. now apply eall_zero.
  - fold (wedges ps I). rewrite contract_wedge by auto. apply eall_add; auto.
    + apply (eall_scal sub_ring); [|apply wedges_sub; intros; apply H; simpl; auto].
      intros a Ha. replace (p c * a) with (a * p c) by ring. apply Imul; [exact Ha|apply J; simpl; auto].
    + apply eall_neg; auto. apply eall_wedge; auto; [apply H; simpl; auto|]. apply IH; intros; [apply H|apply J]; simpl; auto.
Qed.
Lemma contracts_add cs I (x y : ext I) : contracts cs I (eadd I x y) = eadd I (contracts cs I x) (contracts cs I y).
Proof. revert x y; induction cs as [|c cs IH]; cbn; intros; [easy|]. now rewrite contract_add, IH. Qed.
Lemma contracts_scal d cs I (x : ext I) : contracts cs I (escal d I x) = escal d I (contracts cs I x).
Proof. revert x; induction cs as [|c cs IH]; cbn; intros; [easy|]. now rewrite contract_scal, IH. Qed.
Lemma contracts_all (P : D -> Prop) cs I (x : ext I) : P 0 -> (forall a b, sub_ring a -> P b -> P (a * b)) -> eall P I x -> eall P I (contracts cs I x).
Proof. intros P0 Pm; revert x; induction cs as [|c cs IH]; cbn; intros; [easy|]. apply IH. now apply eall_contract. Qed.

Theorem contract_tri I ps cs : tri I ps cs ->
  exists z, eall ideal I z /\ contracts cs I (wedges ps I) = eadd I (escal (pivots ps cs) I (eunit I)) z.
Proof.
  induction 1 as [|p ps c cs Hc Hp Hi T IH].
  - exists (ezero I). split; [now apply eall_zero|]. cbn. now rewrite escal_one, eadd_zero_r.
  - destruct IH as (z & Hz & E). cbn [wedges fold_right pivots]. fold (wedges ps I).
    change (contracts (c :: cs) I (wedge p I (wedges ps I))) with (contracts cs I (contract c I (wedge p I (wedges ps I)))).
    rewrite contract_wedge by auto. rewrite contracts_add, contracts_scal, E, escal_add, <- escal_mul, <- eadd_assoc.
    eexists. split; [|reflexivity]. apply eall_add; auto.
    + apply (eall_scal ideal); auto.
    + apply contracts_all; auto. apply eall_neg; auto. apply eall_wedge; auto.
      apply contract_ideal; auto. eapply tri_sub; eauto.
Qed.
Lemma eunit_all (P : D -> Prop) I (x : D) : eall P I (escal x I (eunit I)) -> P x.
Proof.
  induction I as [|i I IH]; cbn; intros H; [replace (x * 1) with x in H by ring; exact H|]. apply IH, H.
Qed.
Lemma first_all (P : D -> Prop) I (x : D) (z : ext I) : eall P I z -> ezero I = eadd I (escal x I (eunit I)) z -> exists y, P y /\ x + y = 0.
Proof.
  revert z; induction I as [|i I IH]; cbn; intros z H E.
  - exists z. split; [easy|]. rewrite E. ring.
  - destruct z as [a b]; cbn in *. injection E as E1 _. apply (IH a); [apply H|exact E1].
Qed.
(** a matrix that is triangular modulo the ideal has independent rows if the product of its pivots is not in the ideal *)
Theorem tri_lindep I ps cs : tri I ps cs -> ~ ideal (opp (pivots ps cs)) -> lindep I ps.
Proof.
  intros T H. apply wedges_lindep. intros E. destruct (contract_tri I ps cs T) as (z & Hz & C).
  rewrite E in C. assert (Z : forall cs, contracts cs I (ezero I) = ezero I).
  { intros l. rewrite <- (escal_zero I (ezero I)) at 1. rewrite contracts_scal. apply escal_zero. }
  rewrite Z in C. destruct (first_all ideal I _ z Hz C) as (y & Hy & F). apply H.
  replace (opp (pivots ps cs)) with y; [exact Hy|].
  replace y with (pivots ps cs + y - pivots ps cs) by ring. rewrite F. ring.
Qed.
End Domain.
